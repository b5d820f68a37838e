import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { runInNewContext } from 'node:vm'
import { EventSource } from 'eventsource'
import t from 'tap'
import type { Test } from 'tap'
import { engines } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { codeBlocks, readDocument } from './markdown.ts'

// In the repository, so that the example finds the package under its own name, as it will in node_modules.
const BUILD = fileURLToPath(new URL('../../build/', import.meta.url))
const blocks = codeBlocks(readDocument('README.md'))
const [server, page] = blocks.filter(({ heading }) => heading === 'A chat in two files').map(({ code }) => code) as [string, string]

t.test('every code block is one that is run or checked here', async (t) => {
  t.same(blocks.map(({ heading, language }) => `${heading}: ${language}`), [
    'Try it: sh', 'Try it: sh', 'Install: sh',
    'A chat in two files: js', 'A chat in two files: html', 'A chat in two files: sh', 'A chat in two files: js'
  ])
})

t.test('the commands are scripts and names of the package', async (t) => {
  const { name, scripts, devDependencies } = JSON.parse(readDocument('package.json'))
  const [start, test, install] = blocks.filter(({ language }) => language === 'sh').map(({ code }) => code.trim())
  t.equal(start, 'npm ci && npm start')
  t.equal(test, 'npm ci && npm test')
  t.ok(scripts.start && scripts.test)
  t.equal(install, `npm install fastify ${name}`)
  t.ok('fastify' in devDependencies)
})

t.test('server and page have less than 25 lines together', async (t) => {
  t.ok(`${server}${page}`.trim().split('\n').length < 25)
})

t.test('the curl command prints each message', async (t) => {
  const url = await runExample(t)
  const [, path] = /^curl -N 'http:\/\/localhost:3000(.*)'\n$/.exec(blocks[5]?.code ?? '') ?? []
  const response = await fetch(`${url}${path}`)
  await say(url, 'through curl')
  let received = ''
  for await (const chunk of response.body ?? []) {
    received += Buffer.from(chunk as Uint8Array).toString()
    if (received.includes('through curl')) break
  }
  t.match(received, /^id: \S+\ndata: \{"id":".*","channel":"chat","data":\{"text":"through curl"\}\}\n\n/m)
})

t.test('plain EventSource code receives each message', async (t) => {
  const url = await runExample(t)
  let opened: Promise<unknown> | undefined
  class Source extends EventSource {
    constructor (path: string) {
      super(`${url}${path}`)
      opened = once(this, 'open')
      t.teardown(() => { this.close() })
    }
  }
  const received = new Promise((resolve) => {
    runInNewContext(blocks[6]?.code ?? '', { EventSource: Source, JSON, console: { log: resolve } })
  })
  await opened
  await say(url, 'plain')
  t.match(await received, { channel: 'chat', data: { text: 'plain' } })
})

for (const engine of engines) {
  t.test(`in ${engine.name}, what is typed in one window appears in both, and the server speaks`, async (t) => {
    if (!needs(t, engine.name)) return
    const url = await runExample(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    const [left, right] = [await browser.open(url), await browser.open(url)]
    await left.type('input[name=text]', 'hello <b>you</b>')
    await left.click('button')
    for (const window of [left, right]) {
      t.ok(await window.waitFor(() => document.body.innerText.includes('hello <b>you</b>')))
      t.ok(await window.waitFor(() => document.body.innerText.includes('The server says it is')))
    }
    // The browser asks for an icon by itself.
    t.same(left.console.filter((line) => !line.includes('404')), [])
  })
}

// The example as a process of its own; resolves to the URL that it prints.
async function runExample (t: Test): Promise<string> {
  mkdirSync(BUILD, { recursive: true })
  const folder = mkdtempSync(join(BUILD, 'readme-'))
  writeFileSync(join(folder, 'server.mjs'), server)
  writeFileSync(join(folder, 'index.html'), page)
  const child = spawn(process.execPath, ['server.mjs'], { cwd: folder, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit'] })
  t.teardown(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
    rmSync(folder, { recursive: true })
  })
  const { value } = await createInterface(child.stdout)[Symbol.asyncIterator]().next()
  return String(value)
}

async function say (url: string, text: string): Promise<void> {
  const response = await fetch(`${url}/comet/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ channel: 'chat', data: { text } })
  })
  if (response.status !== 201) throw new Error(await response.text())
}
