import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { CometOptions } from '../lib/index.ts'
import { serve, type TestServer } from './fixtures/server.ts'

/** Requests on one socket, none of them waiting for the answer to the one before. */
function ahead (server: TestServer, ...paths: string[]): Socket {
  const socket = connect({ port: server.port, host: '127.0.0.1' })
  socket.write(paths.map((path) => `GET /comet/${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`).join(''))
  socket.on('error', () => { /* a reset is one way to end */ })
  return socket
}

async function until (condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => { setTimeout(resolve, 2) })
}

async function start (t: Test, comet: CometOptions = {}): Promise<TestServer> {
  const server = await serve(t, { comet, fastify: { forceCloseConnections: true } })
  return server
}

t.test('who sends requests ahead and leaves is forgotten with all of them', async (t) => {
  const server = await start(t, { maxConnections: 20 })
  const { comet } = server.app
  const stream = 'eventsource?channel=a'
  const socket = ahead(server, ...Array.from({ length: 20 }, () => stream))
  await until(() => comet.stats().subscriptions === 20)
  t.match((await server.app.inject(`/comet/${stream}`)).body, '"reason":"busy"')
  socket.destroy()
  await until(() => comet.stats().subscriptions === 0)
  t.same(comet.subscribers('a'), [])
  const next = ahead(server, stream)
  await until(() => comet.stats().subscriptions === 1)
  next.destroy()
})

t.test('so is one whom authorize still thinks about', async (t) => {
  let asked = 0
  let allow: (answer: boolean) => void = () => {}
  const answer = new Promise<boolean>((resolve) => { allow = resolve })
  const server = await start(t, { authorize: async (_request, { channels }) => channels[0] === 'a' || (asked++, await answer) })
  const socket = ahead(server, 'iframe?channel=a', 'long-poll?channel=b', 'eventsource?channel=b')
  await until(() => asked === 2)
  socket.destroy()
  await until(() => server.app.comet.stats().subscriptions === 0)
  allow(true)
  await new Promise(setImmediate)
  t.match(server.app.comet.stats(), { subscriptions: 0, channels: 0 })
})

t.test('one who waits too long for its turn is given up', async (t) => {
  const server = await start(t, { heartbeatInterval: 30, maxBufferedBytes: 1 })
  const { comet } = server.app
  const socket = ahead(server, 'eventsource?channel=a', 'eventsource?channel=b')
  await until(() => comet.stats().channels === 2)
  await comet.publish('b', 1)
  await until(() => comet.subscribers('b').length === 0)
  t.equal(comet.subscribers('a').length, 1)
  socket.destroy()
})

t.test('one whose turn comes ends as any other', async (t) => {
  const server = await start(t)
  const { comet } = server.app
  const socket = ahead(server, 'eventsource?channel=a', 'eventsource?channel=b')
  await until(() => comet.stats().subscriptions === 2)
  comet.disconnect({ channel: 'a' })
  let text = ''
  while (!text.includes('"type":"open"') || text.indexOf('"type":"open"') === text.lastIndexOf('"type":"open"')) text += String((await once(socket, 'data'))[0])
  await comet.publish('b', 'its turn')
  while (!text.includes('its turn')) text += String((await once(socket, 'data'))[0])
  socket.destroy()
  await until(() => comet.stats().subscriptions === 0)
  t.same(comet.subscribers('b'), [])
})
