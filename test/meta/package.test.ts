// What `npm pack` would publish, as `npm run build` has left it in dist/.
import { execFile } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { promisify } from 'node:util'
import { createContext, runInContext } from 'node:vm'
import { gzipSync } from 'node:zlib'
import { parse } from 'acorn'
import Fastify from 'fastify'
import t from 'tap'
import typescript from 'typescript'

const root = new URL('../../', import.meta.url)
const { exports } = JSON.parse(read('package.json')) as { exports: Record<string, string | Record<string, string>> }
const MAX_CLIENT_BYTES = 12 * 1024

// As little as an old browser has, and of the language what ES5 has.
const oldBrowser = `
  var window = this, self = this, document = {}, location = { protocol: 'http:', host: 'localhost' }, navigator = {}
  function XMLHttpRequest () {}
  window.setTimeout = window.clearTimeout = window.addEventListener = document.addEventListener = function () {}
  function forget (object, names) { names.split(' ').forEach(function (name) { delete object[name] }) }
  forget(window, 'Promise Symbol Map Set WeakMap WeakSet WeakRef Proxy Reflect Intl BigInt ArrayBuffer Uint8Array globalThis')
  forget(Object, 'assign entries values fromEntries setPrototypeOf is getOwnPropertySymbols')
  forget(Array, 'from of')
  forget(Array.prototype, 'find findIndex includes fill flat flatMap keys values entries at')
  forget(String.prototype, 'startsWith endsWith includes repeat padStart padEnd matchAll replaceAll at codePointAt')
  forget(Number, 'isInteger isFinite isNaN isSafeInteger MAX_SAFE_INTEGER')`

for (const file of ['dist/client/client.js', 'dist/client/client.mjs']) {
  t.test(`${file} is smaller than 12 KiB, gzipped`, async (t) => {
    const bytes = gzipSync(read(file)).length
    t.ok(bytes < MAX_CLIENT_BYTES, `${bytes} bytes`)
  })
}

t.test('the classic script is ES5', async (t) => {
  t.doesNotThrow(() => parse(read('dist/client/client.js'), { ecmaVersion: 5 }))
})

t.test('the classic script runs in a browser that has nothing newer than ES5, and its only global is Comet', async (t) => {
  const page = createContext({})
  runInContext(oldBrowser, page)
  const before = Object.keys(page)
  runInContext(read('dist/client/client.js'), page)
  t.same(Object.keys(page).filter((name) => !before.includes(name)), ['Comet'])
  t.same(runInContext('Comet.detect()', page), { eventsource: false, iframe: true, 'long-poll': true })
  t.equal(runInContext('new Comet("http://127.0.0.1/comet").state', page), 'idle')
})

t.test('the package is there for import and for require', async (t) => {
  for (const plugin of [await import('fastify-comet'), createRequire(import.meta.url)('fastify-comet')]) {
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register(plugin)
    t.type(app.comet.publish, 'function')
  }
  t.type((await import('fastify-comet/client')).Comet, 'function')
  t.type((await import('fastify-comet/metrics')).metrics, 'function')
})

t.test('the package holds what it exports and nothing that it does not need', async (t) => {
  const { stdout } = await promisify(execFile)(
    'npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: root }
  )
  const [{ files }] = JSON.parse(stdout) as [{ files: Array<{ path: string }> }]
  const packed = files.map(({ path }) => path)
  const exported = Object.values(exports).flatMap((target) => typeof target === 'string'
    ? target
    : Object.values(target))
  t.same(exported.filter((path) => !packed.includes(path.replace('./', ''))), [])
  t.same(
    packed.filter((path) =>
      !/^dist\/|^docs\/([A-Z]+\.md|grafana-dashboard\.json|images\/[a-z-]+\.(svg|png))$|^(README|CHANGELOG|CONTRIBUTING|SECURITY)\.md$|^LICENSE$|^package\.json$/.test(path)), []
  )
})

t.test('a stack trace can name the lines of the source', async (t) => {
  const script = "import Fastify from 'fastify'; import comet from 'fastify-comet'; await Fastify().register(comet, { no: 1 }).ready()"
  const { stderr } = await promisify(execFile)(
    process.execPath, ['--enable-source-maps', '--input-type=module', '--eval', script], { cwd: root }
  )
    .catch((error: { stderr: string }) => error)
  const line = /lib\/util\/option-rules\.ts:(\d+)/.exec(stderr)?.[1]
  t.match(read('lib/util/option-rules.ts').split('\n')[Number(line) - 1], 'throw new COMET_ERR_OPTION_UNKNOWN')
})

t.test('the declarations have no errors', async (t) => {
  const program = programOf(
    t.testdir({ 'index.ts': 'import "fastify-comet"; import "fastify-comet/client"; import "fastify-comet/metrics"' })
  )
  t.same(
    sources(program).flatMap((file) => program.getSemanticDiagnostics(file)).map(({ messageText }) => messageText), []
  )
  t.ok(sources(program).some(({ fileName }) => fileName.endsWith('dist/index.d.ts')))
})

t.test('the declarations of the client take nothing from Fastify or Node', async (t) => {
  const program = programOf(t.testdir({ 'index.ts': 'import "fastify-comet/client"' }))
  t.same(program.getSourceFiles()
    .map(({ fileName }) => fileName)
    .filter((name) => /node_modules\/(?!typescript\/)/.test(name)), [])
  t.ok(sources(program).some(({ fileName }) => fileName.endsWith('dist/client/index.d.ts')))
})

/** As a TypeScript project sees the package that has it installed. */
function programOf (folder: string): typescript.Program {
  return typescript.createProgram([`${folder}/index.ts`], {
    module: typescript.ModuleKind.NodeNext,
    target: typescript.ScriptTarget.ES2022,
    strict: true,
    types: []
  })
}

function sources (program: typescript.Program): typescript.SourceFile[] {
  return program.getSourceFiles().filter(({ fileName }) => !fileName.includes('/node_modules/'))
}

function read (path: string): string {
  return readFileSync(new URL(path, root), 'utf8')
}
