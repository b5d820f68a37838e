import t from 'tap'
import { startDemo } from './start.ts'

const json = { 'content-type': 'application/json' }

const foreign: [what: string, headers: Record<string, string>, status: number][] = [
  ['a page of another origin', { ...json, origin: 'http://evil.example' }, 403],
  ['a page of no origin', { ...json, origin: 'null' }, 403],
  ['a lane', { ...json, origin: 'http://127.0.0.1:1' }, 403],
  ['a cross-site request', { ...json, 'sec-fetch-site': 'cross-site' }, 403],
  ['another port of this machine', { ...json, 'sec-fetch-site': 'same-site' }, 403],
  ['a form', { 'content-type': 'application/x-www-form-urlencoded' }, 415],
  ['a simple request', { 'content-type': 'text/plain' }, 400]
]

t.test('the controls refuse what is not from the demo’s own page', async (t) => {
  const { url } = await startDemo(t)
  for (const [what, headers, status] of foreign) {
    t.equal((await fetch(`${url}/control/cut`, { method: 'POST', headers, body: '{}' })).status, status, what)
  }
  const own = await fetch(`${url}/control/cut`, {
    method: 'POST', headers: { ...json, origin: url, 'sec-fetch-site': 'same-origin' }, body: '{}'
  })
  t.equal(own.status, 200, 'its own page')
})

t.test('the controls refuse a name that somebody else pointed at this machine', async (t) => {
  const { app } = await startDemo(t)
  const response = await app.inject({
    method: 'POST', url: '/control/cut', headers: { host: 'evil.example' }, payload: {}
  })
  t.equal(response.statusCode, 403)
})

t.test('the controls refuse other machines', async (t) => {
  const { app } = await startDemo(t)
  const { port } = new URL(app.listeningOrigin)
  const request = { method: 'POST', url: '/control/cut', headers: { host: `127.0.0.1:${port}` }, payload: {} } as const
  t.equal((await app.inject({ ...request, remoteAddress: '192.0.2.7' })).statusCode, 403)
  t.equal((await app.inject({ ...request, remoteAddress: '::ffff:127.0.0.1' })).statusCode, 200)
})

t.test('the controls refuse values out of range, and keys that mean nothing', async (t) => {
  const { url } = await startDemo(t)
  const post = async (action: string, body: unknown): Promise<number> =>
    (await fetch(`${url}/control/${action}`, { method: 'POST', headers: json, body: JSON.stringify(body) })).status
  t.equal(await post('rate', { value: 0 }), 400)
  t.equal(await post('rate', { value: 201 }), 400)
  t.equal(await post('burst', { value: 'many' }), 400)
  t.equal(await post('nothing', {}), 404)
  t.equal(await post('rate', { value: 200 }), 200)
})

t.test('a mode is told, and ended by a zero', async (t) => {
  const { url } = await startDemo(t)
  const post = async (action: string, body: object): Promise<unknown> =>
    (await fetch(`${url}/control/${action}`, { method: 'POST', headers: json, body: JSON.stringify(body) })).json()
  t.match(await post('stall', {}), { mode: 'stall', left: 8000 })
  t.match(await post('buffer', { value: 1 }), { mode: 'buffer', left: 1000 })
  t.match(await post('buffer', { value: 0 }), { mode: 'pass', left: 0 })
})

t.test('where there is one server only, none can be killed', async (t) => {
  const { url } = await startDemo(t)
  const response = await fetch(`${url}/control/kill`, { method: 'POST', headers: json, body: '{}' })
  t.equal(response.status, 409)
})

t.test('the lanes can be read by the page and by nobody else', async (t) => {
  const { url } = await startDemo(t)
  const ports = await (await fetch(`${url}/lanes`)).json() as Record<string, number>
  t.same(Object.keys(ports), ['iframe', 'long-poll', 'eventsource', 'auto'])
  t.equal(new Set([...Object.values(ports), Number(new URL(url).port)]).size, 5, 'a port each')
  const lane = `http://127.0.0.1:${ports['long-poll']}/comet`
  const allowed = async (origin: string): Promise<string | null> =>
    (await fetch(`${lane}/long-poll?channel=live`, { headers: { origin } })).headers.get('access-control-allow-origin')
  t.equal(await allowed(url), url)
  t.equal(await allowed('http://evil.example'), null)
  t.equal((await fetch(`${lane}/iframe?channel=live&origin=${encodeURIComponent('http://evil.example')}`)).status, 403)
})
