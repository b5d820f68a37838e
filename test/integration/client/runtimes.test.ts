// The built client in a Node process of its own, which has neither XMLHttpRequest nor, in most versions, EventSource.
import { spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import type { CometOptions } from '../../../lib/client/index.ts'
import { setUp } from '../../fixtures/client-setup.ts'
import { freePort } from '../../fixtures/ports.ts'
import { until } from '../../fixtures/until.ts'

// Another binary than this one, to try other versions by hand.
const NODE = process.env['COMET_NODE'] ?? process.execPath
const SCRIPT = fileURLToPath(new URL('../../fixtures/runtimes/run.js', import.meta.url))

interface Said {
  state?: string
  transport?: string | null
  error?: string
  message?: string
  data?: unknown
  id?: string
  rejected?: string
  detected?: object
}

function run (t: Test, port: number, options: Omit<CometOptions, 'headers'> & { headers?: object } = {}) {
  const child = spawn(NODE, [SCRIPT, `http://127.0.0.1:${port}/comet`, JSON.stringify(options)])
  t.teardown(() => child.kill('SIGKILL'))
  const said: Said[] = []
  let stderr = ''
  createInterface({ input: child.stdout }).on('line', (line) => { said.push(JSON.parse(line) as Said) })
  child.stderr.setEncoding('utf8').on('data', (text: string) => { stderr += text })
  const exit = new Promise<number | null>((resolve) => { child.on('exit', resolve) })
  return { said, exit, stderr: () => stderr }
}

for (const [options, transport] of [
  [{}, 'eventsource'],
  [{ headers: { authorization: 'Bearer x' } }, 'eventsource'],
  [{ transports: ['long-poll'] }, 'long-poll'],
  [{ transports: ['long-poll'], headers: { authorization: 'Bearer x' } }, 'long-poll'],
  [{ share: true }, 'eventsource']
] satisfies [Parameters<typeof run>[2], string][]) {
  t.test(`receives, publishes, is cut off and comes back, with ${JSON.stringify(options)}`, async (t) => {
    const { app, proxy } = await setUp(t)
    const { said, exit, stderr } = run(t, proxy.port, options)
    await until(() => said.some(({ state }) => state === 'open'))
    t.equal(said.find(({ state }) => state === 'open')?.transport, transport)
    t.match(said.find(({ detected }) => detected)?.detected, { eventsource: true, iframe: false, 'long-poll': true })
    await until(() => said.some(({ id }) => id))
    proxy.behave({ does: 'refuse', status: 503 })
    for (const link of proxy.links) link.cut()
    await until(() => said.some(({ error }) => error === 'COMET_ERR_STATUS'), 'the refusal is reported', 20_000)
    proxy.behave({ does: 'forward' })
    await app.comet.publish('a', 'enough')
    t.equal(await exit, 0, 'nothing keeps the process alive after close()')
    t.equal(said.at(-1)?.state, 'closed')
    t.match(said.filter(({ data }) => data === 'enough').length, 1)
    t.notMatch(stderr(), /^(?!comet: )./m, 'but for the lines about what failed')
  })
}

t.test('a server that is not there is an error, and no exception', async (t) => {
  const { said, stderr } = run(t, await freePort(), { headers: { authorization: 'Bearer x' } })
  await until(() => said.some(({ error }) => error) && said.some(({ rejected }) => rejected))
  t.match(said.find(({ error }) => error), { error: 'COMET_ERR_NETWORK', message: /ECONNREFUSED/, retrying: true })
  t.match(said.find(({ rejected }) => rejected), { rejected: 'COMET_ERR_NETWORK', message: /ECONNREFUSED/ })
  await until(() => said.filter(({ error }) => error).length > 1)
  t.notMatch(stderr(), /^(?!comet: )./m)
})
