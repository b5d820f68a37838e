import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { runInNewContext } from 'node:vm'
import { build } from 'esbuild'
import { EventSource } from 'eventsource'
import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { engines } from '../../fixtures/browsers.ts'
import { needs } from '../../fixtures/requirement.ts'
import { runExample } from './example.ts'
import { codeBlocks, readDocument } from './markdown.ts'
import { until } from '../../fixtures/until.ts'

// In the repository, so that the example finds the package under its own name, as it will in node_modules.
const BUILD = fileURLToPath(new URL('../../../build/', import.meta.url))
const blocks = codeBlocks(readDocument('README.md'))
const [server, page, curl, source] = under('A chat in two files') as [string, string, string, string]
const [inThePage] = under('In the page') as [string]
const [channels] = under('Typed channels') as [string]
const [presence] = under('Authorization and presence') as [string]
const [otherOrigins] = under('Other origins') as [string]

t.test('every code block is one that is run or checked here', async (t) => {
  t.same(blocks.map(({ heading, language }) => `${heading}: ${language}`), [
    'Install: sh',
    'A chat in two files: js', 'A chat in two files: html', 'A chat in two files: sh', 'A chat in two files: js',
    'In the page: js', 'Typed channels: ts', 'Authorization and presence: js', 'Other origins: js',
    'Try it: sh', 'Try it: sh'
  ])
})

t.test('the commands are scripts and names of the package', async (t) => {
  const { name, scripts, devDependencies } = JSON.parse(readDocument('package.json'))
  t.same(under('Try it'), ['npm ci && npm start\n', 'npm ci && npm test\n'])
  t.ok(scripts.start && scripts.test)
  t.same(under('Install'), [`npm install fastify ${name}\n`])
  t.ok('fastify' in devDependencies)
})

t.test('server and page have less than 25 lines together', async (t) => {
  t.ok(`${server}${page}`.trim().split('\n').length < 25)
})

t.test('the curl command prints each message', async (t) => {
  const url = await startExample(t)
  const [, path] = /^curl -N 'http:\/\/localhost:3000(.*)'\n$/.exec(curl) ?? []
  const response = await fetch(`${url}${path}`)
  await say(url, 'through curl')
  await say(url, 'on both', 'news')
  let received = ''
  for await (const chunk of response.body ?? []) {
    received += Buffer.from(chunk as Uint8Array).toString()
    if (received.includes('on both')) break
  }
  t.match(received, /^id: \S+\ndata: \{"id":".*","channel":"chat","data":\{"text":"through curl"\}\}\n\n/m)
  t.match(received, /^data: \{"id":".*","channel":"news","data":\{"text":"on both"\}\}\n\n/m)
})

t.test('plain EventSource code receives each message, and what is none', async (t) => {
  const url = await startExample(t)
  let opened: Promise<unknown> | undefined
  class Source extends EventSource {
    constructor (path: string) {
      super(`${url}${path}`)
      opened = once(this, 'comet')
      t.teardown(() => { this.close() })
    }
  }
  const logged: unknown[] = []
  const received = new Promise<void>((resolve) => {
    const log = (value: { data?: { text: string } }): void => {
      logged.push(value)
      if (value.data?.text === 'plain') resolve()
    }
    runInNewContext(source, { EventSource: Source, JSON, console: { log } })
  })
  await opened
  await say(url, 'plain')
  await received
  t.match([logged[0], logged.at(-1)], [{ type: 'open' }, { channel: 'chat', data: { text: 'plain' } }])
})

for (const engine of engines) {
  t.test(`in ${engine.name}, what is typed in one window appears in both, and the server speaks`, async (t) => {
    if (!needs(t, engine.name)) return
    const url = await startExample(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    const [left, right] = [await browser.open(url), await browser.open(url)]
    await left.type('input[name=text]', 'hello <b>you</b>')
    await left.click('button')
    for (const window of [left, right]) {
      t.ok(await window.waitFor(() => document.body.innerText.includes('hello <b>you</b>')))
      t.ok(await window.waitFor(() => document.body.innerText.includes('The server says it is')))
      t.ok(await window.waitFor(() => document.title === 'open'))
    }
    t.ok(
      await left.waitFor(() => document.forms[0]?.querySelector('input')?.value === ''),
      'what was sent is no longer in the field'
    )
    t.same(left.console, [])
  })
}

for (const engine of engines.slice(0, 1)) {
  t.test('in the page, what is published comes back, under the session that the page names', async (t) => {
    if (!needs(t, engine.name)) return
    const sessions: unknown[] = []
    const app = Fastify()
    t.teardown(() => app.close())
    await app.register((await import('fastify-comet')).default, {
      publishRoute: true,
      authorize (request, { action }) {
        sessions.push([action, Reflect.get(request.query as object, 'session')])
        return true
      }
    })
    app.get('/', (_request, reply) =>
      reply.type('text/html').send(`<!doctype html><link rel="icon" href="data:,"><body><script>
      console.log = (...words) => document.body.append(words.join(' '), document.createElement('br'))
    </script><script type="module">${inThePage}</script>`))
    const url = await app.listen({ host: '127.0.0.1', port: 0 })
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    const window = await browser.open(url)
    t.ok(await window.waitFor(() => /published \S+-1$/m.test(document.body.innerText) &&
      /message hello \S+-1$/m.test(document.body.innerText)))
    t.ok(await window.waitFor(() => /^state connecting$[^]*^state open$/m.test(document.body.innerText)))
    for (const action of ['publish', 'subscribe']) {
      t.ok(sessions.some((asked) => String(asked) === `${action},of ann`), action)
    }
  })
}

t.test('typed channels bring nothing of the server into what a browser loads', async (t) => {
  const folder = folderOf(t, {
    'channels.ts': channels,
    'page.ts': "import './channels.ts'\nimport { Comet } from 'fastify-comet/client'\nnew Comet('/comet')"
  })
  const { metafile } = await build({
    entryPoints: [join(folder, 'page.ts')],
    bundle: true,
    platform: 'browser',
    format: 'esm',
    write: false,
    metafile: true,
    tsconfigRaw: {}
  })
  t.same(Object.keys(metafile.inputs).map((path) => path.replace(/.*\//, '')).sort(), [
    'channels.ts', 'client.mjs', 'page.ts'
  ])
})

t.test('a room lists its users, and nobody publishes under the name of another user', async (t) => {
  const { app, url } = await load(t, presence)
  t.equal((await fetch(`${url}/comet/long-poll?channel=room:a`)).status, 403)
  const heard: unknown[] = []
  app.comet.subscribe('who:room:a', ({ data }) => { heard.push(data) })
  for (const session of ['of ann', 'of bob']) {
    const leave = new AbortController()
    t.teardown(() => { leave.abort() })
    t.equal(
      (await fetch(`${url}/comet/eventsource?channel=room:a&session=${session}`, { signal: leave.signal })).status, 200
    )
  }
  await until(() => heard.length >= 2, 'both arrivals have been announced')
  t.same(heard, [['ann'], ['ann', 'bob']])
  const publish = async (from: string): Promise<number> =>
    (await post(`${url}/comet/publish?session=of ann`, { channel: 'room:a', data: { from } })).status
  t.same([await publish('ann'), await publish('bob')], [201, 403])
})

t.test('a page of the other origin may listen and publish, one of a third may not', async (t) => {
  const { url } = await load(t, otherOrigins)
  const origin = 'https://app.example.com'
  const { headers } = await fetch(`${url}/comet/long-poll?channel=news`, { headers: { origin } })
  t.match(Object.fromEntries(headers), {
    'access-control-allow-origin': origin,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'retry-after'
  })
  const message = { channel: 'news', data: 1 }
  t.equal((await post(`${url}/comet/publish`, message, { origin, 'sec-fetch-site': 'cross-site' })).status, 201)
  t.equal(
    (await post(`${url}/comet/publish`, message, {
      origin: 'https://evil.example', 'sec-fetch-site': 'cross-site'
    })).status, 403
  )
})

function under (title: string): string[] {
  return blocks.filter(({ heading }) => heading === title).map(({ code }) => code)
}

function folderOf (t: Test, files: Record<string, string>): string {
  mkdirSync(BUILD, { recursive: true })
  const folder = mkdtempSync(join(BUILD, 'readme-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  return folder
}

/** The example as a process of its own; resolves to its URL. */
async function startExample (t: Test): Promise<string> {
  return runExample(t, folderOf(t, { 'server.mjs': server, 'index.html': page }))
}

/** A block that makes an application, listening. */
async function load (t: Test, code: string): Promise<{ app: FastifyInstance, url: string }> {
  const file = join(folderOf(t, { 'block.mjs': `${code}\nexport { app }` }), 'block.mjs')
  const { app } = await import(pathToFileURL(file).href) as { app: FastifyInstance }
  t.teardown(() => app.close())
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

async function say (url: string, text: string, channel = 'chat'): Promise<void> {
  const response = await post(`${url}/comet/publish`, { channel, data: { text } })
  if (response.status !== 201) throw new Error(await response.text())
}

function post (url: string, body: object, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, {
    method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body)
  })
}
