import t from 'tap'
import { digest, type Identity, Presence } from '../lib/presence.ts'
import { stopClock } from './fixtures/engine.ts'

const alice: Identity = { client: 'alice'.repeat(5), user: 'alice' }
const bob: Identity = { client: 'bob'.repeat(10), user: undefined }

interface Watched { presence: Presence, events: string[], errors: unknown[] }

/** Presence with its hooks' calls in short. */
function watch (presenceGrace = 100): Watched {
  const events: string[] = []
  const errors: unknown[] = []
  const presence = new Presence({
    onSubscribe: ({ client, transport }, channels) => { events.push(`+ ${nameOf(client)} ${transport} ${channels.join()}`) },
    onUnsubscribe: ({ client, transport }, channels) => { events.push(`- ${nameOf(client)} ${transport} ${channels.join()}`) },
    presenceGrace,
    onError: (error) => { errors.push(error) }
  })
  return { presence, events, errors }
}

function nameOf (client: string): string {
  return client === digest(alice.client) ? 'alice' : 'bob'
}

const everybody = (): boolean => true

t.test('a digest shows no secret, and is the same each time', async (t) => {
  t.match(digest('secret'), /^[A-Za-z0-9_-]{22}$/)
  t.equal(digest('secret'), digest('secret'))
  t.not(digest('secret'), digest('secres'))
})

t.test('tells who comes and who goes', async (t) => {
  const { presence, events } = watch()
  presence.enter(alice, 'eventsource', ['a', 'b'])
  presence.leave(alice, ['a', 'b'], false)
  t.same(events, ['+ alice eventsource a,b', '- alice eventsource a,b'])
  t.same(presence.subscribers('a'), [])
})

t.test('lists who listens to a channel', async (t) => {
  const { presence } = watch()
  const before = Date.now()
  presence.enter(alice, 'eventsource', ['a'])
  presence.enter(bob, 'long-poll', ['a', 'b'])
  const subscribers = presence.subscribers('a')
  t.match(subscribers, [
    { client: digest(alice.client), user: 'alice', transport: 'eventsource' },
    { client: digest(bob.client), transport: 'long-poll' }
  ])
  t.ok(subscribers.every(({ since }) => since >= before && since <= Date.now()))
  t.notOk('user' in (subscribers[1] ?? {}))
  t.equal(presence.subscribers('b').length, 1)
  t.equal(presence.subscribers('c').length, 0)
})

t.test('a second connection of a client tells what is new, and holds what both have', async (t) => {
  const { presence, events } = watch()
  presence.enter(alice, 'long-poll', ['a'])
  presence.enter(alice, 'eventsource', ['a', 'b'])
  presence.leave(alice, ['a'], false)
  t.same(events, ['+ alice long-poll a', '+ alice eventsource b'])
  presence.leave(alice, ['a', 'b'], false)
  t.same(events.slice(2), ['- alice eventsource a,b'])
})

t.test('the same client as another user is somebody else', async (t) => {
  const { presence, events } = watch()
  presence.enter(alice, 'eventsource', ['a'])
  presence.enter({ ...alice, user: 'eve' }, 'eventsource', ['a'])
  t.equal(presence.subscribers('a').length, 2)
  presence.leave(alice, ['a'], false)
  t.match(presence.subscribers('a'), [{ user: 'eve' }])
  t.equal(events.length, 3)
})

t.test('a pause that is short enough is no leaving', async (t) => {
  const pass = stopClock(t)
  const { presence, events } = watch(100)
  presence.enter(alice, 'long-poll', ['a'])
  presence.leave(alice, ['a'], true)
  pass(99)
  presence.tick(performance.now())
  t.equal(presence.subscribers('a').length, 1)
  presence.enter(alice, 'long-poll', ['a'])
  pass(1000)
  presence.tick(performance.now())
  t.same(events, ['+ alice long-poll a'])
})

t.test('a pause that is too long is one', async (t) => {
  const pass = stopClock(t)
  const { presence, events } = watch(100)
  presence.enter(alice, 'long-poll', ['a'])
  presence.leave(alice, ['a'], true)
  pass(100)
  presence.tick(performance.now())
  presence.tick(performance.now())
  t.same(events, ['+ alice long-poll a', '- alice long-poll a'])
  t.same(presence.subscribers('a'), [])
})

t.test('a client that comes back with fewer channels leaves the others in their time', async (t) => {
  const pass = stopClock(t)
  const { presence, events } = watch(100)
  presence.enter(alice, 'long-poll', ['a', 'b'])
  presence.leave(alice, ['a', 'b'], true)
  presence.enter(alice, 'long-poll', ['a'])
  pass(100)
  presence.tick(performance.now())
  t.same(events, ['+ alice long-poll a,b', '- alice long-poll b'])
  t.equal(presence.subscribers('a').length, 1)
})

t.test('who changes its transport without a pause neither leaves nor comes', async (t) => {
  const { presence, events } = watch()
  presence.enter(alice, 'long-poll', ['a'])
  presence.enter(alice, 'eventsource', ['a'])
  presence.leave(alice, ['a'], true)
  presence.tick(Infinity)
  t.same(events, ['+ alice long-poll a'])
  t.match(presence.subscribers('a'), [{ transport: 'eventsource' }])
})

t.test('a leaving of somebody unknown is none', async (t) => {
  const { presence, events } = watch()
  presence.leave(alice, ['a'], false)
  presence.leave(alice, ['a'], true)
  t.same(events, [])
})

t.test('a client that is disconnected between two polls is gone, and told once', async (t) => {
  const { presence, events } = watch()
  presence.enter(alice, 'long-poll', ['a'])
  presence.leave(alice, ['a'], true)
  t.same(presence.disconnect((identity, channels) => identity.user === 'alice' && channels.includes('a')), [digest(alice.client)])
  t.same(events, ['+ alice long-poll a', '- alice long-poll a'])
  t.same(presence.subscribers('a'), [])
  t.equal(presence.disconnected.take(alice.client), true)
  t.equal(presence.disconnected.take(alice.client), false)
})

t.test('who is connected, or does not match, is not disconnected here', async (t) => {
  const { presence, events } = watch()
  presence.enter(alice, 'eventsource', ['a'])
  presence.enter(bob, 'long-poll', ['a'])
  presence.leave(bob, ['a'], true)
  t.same(presence.disconnect((identity) => identity.user === 'alice'), [])
  t.same(presence.disconnect(() => false), [])
  t.equal(presence.disconnected.take(bob.client), false)
  t.equal(events.length, 2)
})

t.test('a client that does not ask any more is not remembered for ever', async (t) => {
  const pass = stopClock(t)
  const { presence } = watch()
  presence.enter(alice, 'long-poll', ['a'])
  presence.leave(alice, ['a'], true)
  presence.disconnect(everybody)
  pass(59_999)
  presence.tick(performance.now())
  presence.enter(alice, 'long-poll', ['a'])
  presence.leave(alice, ['a'], true)
  t.equal(presence.disconnected.take(alice.client), true)
  presence.disconnect(everybody)
  pass(60_000)
  presence.tick(performance.now())
  t.equal(presence.disconnected.take(alice.client), false)
})

t.test('a hook that throws is told of, and changes nothing', async (t) => {
  const errors: unknown[] = []
  const presence = new Presence({
    onSubscribe () { throw new Error('came') },
    onUnsubscribe: async () => { throw new Error('went') },
    presenceGrace: 100,
    onError: (error) => { errors.push(error) }
  })
  presence.enter(alice, 'eventsource', ['a'])
  t.equal(presence.subscribers('a').length, 1)
  presence.leave(alice, ['a'], false)
  t.equal(presence.subscribers('a').length, 0)
  await new Promise(setImmediate)
  t.match(errors, [{ message: 'came' }, { message: 'went' }])
})

t.test('works without hooks', async (t) => {
  const presence = new Presence({ onSubscribe: undefined, onUnsubscribe: undefined, presenceGrace: 100, onError: t.threw })
  presence.enter(alice, 'eventsource', ['a'])
  presence.leave(alice, ['a'], false)
  t.same(presence.subscribers('a'), [])
})

t.test('a hook may disconnect whoever comes', async (t) => {
  const presence: Presence = new Presence({
    onSubscribe () { presence.leave(alice, ['a'], false) },
    onUnsubscribe: undefined,
    presenceGrace: 100,
    onError: t.threw
  })
  presence.enter(alice, 'eventsource', ['a'])
  t.same(presence.subscribers('a'), [])
})
