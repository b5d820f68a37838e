// Whatever becomes of one connection, the others get what is theirs.
import t, { type Test } from 'tap'
import type { CometOptions } from '../../lib/plugin/options.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { held, messages } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

interface Scene { server: TestServer, deny: (during?: () => void) => void }

/** A server that takes channel a away from the user that a request names `guilty`, when it is told to. */
async function createScene (t: Test, options: CometOptions = {}): Promise<Scene> {
  let isDenied = false
  let action = (): void => {}
  const server = await serve(t, {
    comet: {
      historySize: 0,
      maxMessageBytes: 4_000_000,
      maxBufferedBytes: 8_000_000,
      authorizeInterval: 15,
      authorize (request) {
        const user = String(request.headers['x-user'])
        if (!isDenied || user !== 'guilty') return { user }
        action()
        return { user, channels: ['b'] }
      },
      ...options
    }
  })
  return { server, deny (during = () => {}) { action = during; isDenied = true } }
}

async function ended (server: TestServer, user: string): Promise<void> {
  await until(
    () => !server.app.comet.subscribers('b').some((subscriber) => subscriber.user === user), `${user} has left`
  )
}

async function unused (server: TestServer): Promise<void> {
  const { comet } = server.app
  await until(() => Object.values(comet.stats().connections).every((count) => count === 0), 'no connection is left')
}

t.test('a stream goes on where a hook disconnects another with the same channels that is denied one of them', async (t) => {
  const { server, deny } = await createScene(t, {
    onUnsubscribe: ({ user }) => { if (user === 'guilty') server.app.comet.disconnect({ user }) }
  })
  const guilty = await held(server, 'eventsource', { channel: ['a', 'b'] }, { 'x-user': 'guilty' })
  const innocent = await held(server, 'eventsource', { channel: ['a', 'b'] }, { 'x-user': 'innocent' })
  deny()
  await ended(server, 'guilty')
  await server.app.comet.publish('a', 'hello')
  t.match(await messages(innocent, 1), [{ data: 'hello' }])
  guilty.cut()
  innocent.cut()
  await unused(server)
  t.equal(server.app.comet.stats().channels, 0)
})

t.test('a stream goes on where another with the same channels is at its end in the turn that denies it one', async (t) => {
  const { server, deny } = await createScene(t)
  const { comet } = server.app
  const guilty = await held(server, 'iframe', { channel: ['a', 'b'] }, { 'x-user': 'guilty' })
  const innocent = await held(server, 'eventsource', { channel: ['a', 'b'] }, { 'x-user': 'innocent' })
  await comet.publish('b', 'x'.repeat(2_000_000))
  await messages(innocent, 1)
  // An iframe ends after 2 MiB: with this message, which is handed out when the channel is taken away.
  deny(() => { comet.publish('b', 'y'.repeat(200_000)).catch(t.threw) })
  await ended(server, 'guilty')
  await comet.publish('a', 'hello')
  t.match((await messages(innocent, 2)).at(-1), { data: 'hello' })
  guilty.cut()
  innocent.cut()
  await unused(server)
  t.equal(comet.stats().channels, 0)
})

for (const level of ['debug', 'info'] as const) {
  t.test(`a logger whose ${level}() throws takes nobody's messages away`, async (t) => {
    let broken = false
    const logger = Object.fromEntries(['trace', 'debug', 'info', 'warn', 'error', 'fatal'].map((name) =>
      [name, (...args: unknown[]) => {
      // Fastify's own lines are its own affair.
        if (broken && (name === level || name === 'error') && String(args[1]).startsWith('comet')) {
          throw new Error('disk full')
        }
      }]))
    const loggerInstance = { ...logger, level: 'debug', silent () {}, child: () => loggerInstance }
    const server = await serve(t, { fastify: { loggerInstance: loggerInstance as never } })
    const { comet } = server.app
    const poll = await held(server, 'long-poll', { channel: ['a', 'b'] })
    poll.next().catch(() => { /* it may be cut: its client asks again */ })
    const stream = await held(server, 'eventsource', { channel: ['a', 'c'] })
    broken = true
    await comet.publish('a', 1)
    t.match(await messages(stream, 1), [{ data: 1 }])
    broken = false
    await comet.publish('a', 2)
    t.match(await messages(stream, 1), [{ data: 2 }])
    const again = await held(server, 'long-poll', { channel: ['a', 'b'] })
    const next = again.next()
    await comet.publish('b', 3)
    t.match(await next, { data: 3 })
    stream.cut()
  })
}
