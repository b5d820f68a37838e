import diagnostics from 'node:diagnostics_channel'
import t from 'tap'
import type { Test } from 'tap'
import type { EndReason } from '../../../lib/connections/lease.ts'
import { type ConnectionEvent, ConnectionLifecycle } from '../../../lib/connections/lifecycle.ts'
import { digest, Presence } from '../../../lib/connections/presence/presence.ts'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import type { Transport } from '../../../lib/transports/transport.ts'

interface Watched {
  readonly lifecycle: ConnectionLifecycle
  readonly presence: Presence
  readonly events: [name: string, event: ConnectionEvent][]
  readonly logged: unknown[]
}

function watch (
  t: Test, { client = 'c', transport = eventsource }: { client?: string, transport?: Transport } = {}
): Watched {
  const events: Watched['events'] = []
  for (const name of ['connect', 'disconnect', 'gap']) observe(t, name, (event) => { events.push([name, event]) })
  const logged: unknown[] = []
  const log = (event: ConnectionEvent): void => { logged.push(event) }
  const presence = new Presence({
    onSubscribe: undefined, onUnsubscribe: undefined, presenceGrace: 60_000, onError: t.threw
  })
  return {
    lifecycle: new ConnectionLifecycle({
      presence, transport: transport.name, identity: { client, user: 'ann' }, channels: ['a', 'b'], onEnd: log
    }),
    presence,
    events,
    logged
  }
}

/** The lifecycle of a connection to channel a. */
function create (presence: Presence, client: string, onEnd: () => void): ConnectionLifecycle {
  return new ConnectionLifecycle({
    presence, transport: 'eventsource', identity: { client, user: undefined }, channels: ['a'], onEnd
  })
}

function observe (t: Test, name: string, take: (event: ConnectionEvent) => void): void {
  const listener = (event: unknown): void => { take(event as ConnectionEvent) }
  diagnostics.subscribe(`fastify-comet:${name}`, listener)
  t.teardown(() => diagnostics.unsubscribe(`fastify-comet:${name}`, listener))
}

t.test('observers hear of its beginning, its gaps and its end', async (t) => {
  const { lifecycle, events } = watch(t)
  lifecycle.begin()
  lifecycle.gap()
  lifecycle.end('slow')
  await Promise.resolve()
  const event = { client: digest('c'), user: 'ann', transport: 'eventsource' as const, channels: ['a', 'b'] }
  t.strictSame(events, [['connect', event], ['gap', event], ['disconnect', { ...event, reason: 'slow' }]])
})

t.test('a gap that came first is told after the beginning', async (t) => {
  const { lifecycle, events } = watch(t)
  lifecycle.gap()
  t.same(events, [])
  lifecycle.begin()
  t.same(events.map(([name]) => name), ['connect', 'gap'])
  await Promise.resolve()
  t.equal(events.length, 2)
})

t.test('an observer that ends it leaves nobody present', async (t) => {
  const { lifecycle, presence, events } = watch(t)
  observe(t, 'connect', () => { lifecycle.end('disconnected') })
  lifecycle.begin()
  t.same(presence.subscribers('a'), [])
  await Promise.resolve()
  t.same(events.map(([name]) => name), ['connect', 'disconnect'])
})

t.test('a call that was waiting when it began and ends it leaves nobody present, and observers notice nothing', async (t) => {
  const { lifecycle, presence, events, logged } = watch(t)
  presence.deferred.defer(() => { lifecycle.end('disconnected') })
  lifecycle.begin()
  t.same(presence.subscribers('a'), [])
  await Promise.resolve()
  t.same(events, [])
  t.equal(logged.length, 1)
})

t.test('nor does it take away one who is present over another connection', async (t) => {
  const { lifecycle, presence } = watch(t)
  presence.enter({ client: 'c', user: 'ann' }, 'iframe', ['a', 'b'])
  observe(t, 'connect', () => { lifecycle.end('disconnected') })
  lifecycle.begin()
  t.equal(presence.subscribers('a').length, 1)
})

t.test('nothing is told where nobody listens', async (t) => {
  const { lifecycle, presence } = watch(t)
  lifecycle.begin()
  t.equal(presence.subscribers('a').length, 1)
  lifecycle.gap()
  lifecycle.end('disconnected')
  t.equal(presence.subscribers('a').length, 0)
})

t.test('it goes on without channels that it leaves', async (t) => {
  const { lifecycle, presence, events } = watch(t)
  lifecycle.begin()
  lifecycle.narrow(['a'])
  t.same([presence.subscribers('a').length, presence.subscribers('b').length], [0, 1])
  lifecycle.end('disconnected')
  t.equal(presence.subscribers('b').length, 0)
  await Promise.resolve()
  t.match(events.at(-1), ['disconnect', { channels: ['b'] }])
})

t.test('its end is logged, with client, user, transport, channels and reason', async (t) => {
  const { lifecycle, logged } = watch(t)
  lifecycle.begin()
  t.same(logged, [])
  lifecycle.end('rotate')
  await Promise.resolve()
  t.strictSame(logged, [
    { client: digest('c'), user: 'ann', transport: 'eventsource', channels: ['a', 'b'], reason: 'rotate' }
  ])
})

const expectedBack: [Transport, EndReason, boolean][] = [
  [eventsource, 'rotate', true], [eventsource, 'gone', true], [eventsource, 'slow', true],
  [eventsource, 'disconnected', false], [eventsource, 'unauthorized', false], [eventsource, 'shutdown', false],
  [longPoll, 'answered', true], [longPoll, 'gone', true], [longPoll, 'disconnected', false]
]

for (const [transport, reason, isExpected] of expectedBack) {
  t.test(`a client whose ${transport.name} ended with ${reason} ${isExpected ? 'stays' : 'is not'} present`, async (t) => {
    const { lifecycle, presence } = watch(t, { transport })
    lifecycle.begin()
    lifecycle.end(reason)
    t.equal(presence.subscribers('a').length, isExpected ? 1 : 0)
  })
}

t.test('a client without a name is not waited for', async (t) => {
  const { lifecycle, presence } = watch(t, { client: '#1', transport: longPoll })
  lifecycle.begin()
  lifecycle.end('answered')
  t.same(presence.subscribers('a'), [])
})

t.test('a hook that ends it leaves nobody present', async (t) => {
  const presence: Presence = new Presence({
    onSubscribe () {
      lifecycle.end('gone')
    },
    onUnsubscribe: undefined,
    presenceGrace: 60_000,
    onError: t.threw
  })
  const lifecycle = create(presence, 'c', () => { /* nothing is logged */ })
  lifecycle.begin()
  t.same(presence.subscribers('a'), [])
})

t.test('observers and the logger are called after what ended it, and in the order in which things happened', async (t) => {
  const { lifecycle, presence, events, logged } = watch(t)
  lifecycle.begin()
  events.splice(0)
  lifecycle.gap()
  lifecycle.end('gone')
  t.same([events, logged], [[], []])
  create(presence, 'd', () => { /* nothing is logged */ }).begin()
  t.same(events.map(([name, { client }]) => `${name} ${client === digest('c')}`), [
    'gap true', 'disconnect true', 'connect false'
  ])
  t.equal(logged.length, 1)
})

t.test('a logger that throws when it ends is reported', async (t) => {
  const errors: unknown[] = []
  const presence = new Presence({
    onSubscribe: undefined, onUnsubscribe: undefined, presenceGrace: 60_000, onError: (error) => { errors.push(error) }
  })
  const lifecycle = create(presence, 'c', () => { throw new Error('broken logger') })
  lifecycle.begin()
  lifecycle.end('gone')
  await Promise.resolve()
  t.match(errors, [{ message: 'broken logger' }])
})
