// What `npm pack` makes of this folder, installed in an empty one and used there as the README says.
import { execFile } from 'node:child_process'
import { stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import t from 'tap'
import { runExample } from './docs/example.ts'
import { linksOf } from './docs/links.ts'
import { codeBlocks, readDocument } from './docs/markdown.ts'

const MAX_BYTES = 272 * 1024
const root = fileURLToPath(new URL('../../', import.meta.url))
const run = promisify(execFile)
const { devDependencies } = JSON.parse(readDocument('package.json')) as { devDependencies: Record<string, string> }

// Module graph and types as strict as they get; the package's own declarations are checked too.
const TSCONFIG = {
  compilerOptions: {
    strict: true,
    skipLibCheck: false,
    module: 'nodenext',
    target: 'es2022',
    lib: ['es2023', 'dom', 'dom.iterable'],
    types: ['node'],
    noEmit: true
  }
}
const TYPED = `
import Fastify from 'fastify'
import comet, { type Comet } from 'fastify-comet'
import { Comet as Client } from 'fastify-comet/client'

declare module 'fastify-comet' {
  interface CometChannels { chat: { text: string } }
}

const app = Fastify()
await app.register(comet, { publishRoute: true, authorize: () => true })
const server: Comet = app.comet
await server.publish('chat', { text: 'hello' })
// @ts-expect-error -- the channel is typed
await server.publish('chat', { txet: 'hello' })
new Client('/comet').subscribe('chat', ({ text }) => { text.toUpperCase() })
await app.close()
`

t.test('the tarball', async (t) => {
  const folder = t.testdir({
    app: { 'package.json': '{"type":"module"}', 'tsconfig.json': JSON.stringify(TSCONFIG), 'typed.ts': TYPED }
  })
  const app = join(folder, 'app')
  const { stdout } = await run(
    'npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], { cwd: root }
  )
  const [{ filename, files }] = JSON.parse(stdout) as [{ filename: string, files: { path: string }[] }]
  const tarball = join(folder, filename)

  await t.test('has less than 272 KiB', async (t) => {
    const { size } = await stat(tarball)
    t.ok(size < MAX_BYTES, `${size} bytes`)
  })

  await t.test('has every file that its documents link to', async (t) => {
    const packed = files.map(({ path }) => path)
    const documents = packed.filter((path) => path.endsWith('.md'))
    const dangling = documents.flatMap((path) => linksOf(path)
      .filter((target) => !packed.includes(join(dirname(path), target)))
      .map((target) => `${path}: ${target}`))
    t.same(dangling, [])
    t.ok(documents.length > 5)
  })

  const others = ['fastify', 'typescript', '@types/node'].map((name) => `${name}@${devDependencies[name]}`)
  await run('npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball, ...others], { cwd: app })

  await t.test('runs the chat of the README', async (t) => {
    const [server, page] = codeBlocks(readDocument('README.md'))
      .filter(({ heading }) => heading === 'A chat in two files')
      .map(({ code }) => code) as [string, string]
    await writeFile(join(app, 'server.mjs'), server)
    await writeFile(join(app, 'index.html'), page)
    const url = await runExample(t, app)
    t.match(await (await fetch(url)).text(), /<form>/)
    t.match(await (await fetch(`${url}/comet/client.mjs`)).text(), /export/)
    const posted = await fetch(`${url}/comet/publish`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"channel":"chat","data":{"text":"hello"}}'
    })
    t.equal(posted.status, 201)
    t.match(await (await fetch(`${url}/comet/long-poll?channel=chat&history=5`)).text(), /"text":"hello"/)
  })

  await t.test('is typed: strict, and without skipping its declarations', async (t) => {
    const { stdout } = await run('npx', ['tsc', '-p', '.'], { cwd: app }).catch((error: { stdout: string }) => error)
    t.equal(stdout, '')
  })

  await t.test('can be required', async (t) => {
    const { stdout } = await run(process.execPath, [
      '--disable-warning=ExperimentalWarning', '--input-type=commonjs', '--eval',
      "console.log(typeof require('fastify-comet').default)"
    ], { cwd: app })
    t.equal(stdout.trim(), 'function')
  })
})
