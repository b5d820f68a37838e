import t from 'tap'
import {
  digest, type Identity, MAX_AWAY, MAX_AWAY_CHANNELS, Presence
} from '../../../../lib/connections/presence/presence.ts'
import { stopClock } from '../../../fixtures/bus.ts'
import { until } from '../../../fixtures/until.ts'

const alice: Identity = { client: 'alice'.repeat(5), user: 'alice' }
const bob: Identity = { client: 'bob'.repeat(10), user: undefined }

interface Watched { presence: Presence, events: string[], errors: unknown[] }

/** Presence with its hooks' calls in short. */
function watch (presenceGrace = 100): Watched {
  const events: string[] = []
  const errors: unknown[] = []
  const presence = new Presence({
    onSubscribe: ({ client, transport }, channels) => {
      events.push(`+ ${nameOf(client)} ${transport} ${channels.join()}`)
    },
    onUnsubscribe: ({ client, transport }, channels) => {
      events.push(`- ${nameOf(client)} ${transport} ${channels.join()}`)
    },
    presenceGrace,
    onError: (error) => { errors.push(error) }
  })
  return {
    presence,
    get events () {
      presence.deferred.flush()
      return events
    },
    errors
  }
}

/** Presence without hooks. */
function quiet (presenceGrace = 100): Presence {
  return new Presence({ onSubscribe: undefined, onUnsubscribe: undefined, presenceGrace, onError: t.threw })
}

function nameOf (client: string): string {
  return client === digest(alice.client) ? 'alice' : 'bob'
}

function turn (): Promise<void> {
  return new Promise((resolve) => { setImmediate(resolve) })
}

const everybody = (): boolean => true

t.test('a digest shows no secret, and is the same each time', async (t) => {
  t.match(digest('secret'), /^[A-Za-z0-9_-]{22}$/)
  t.equal(digest('secret'), digest('secret'))
  t.not(digest('secret'), digest('secres'))
})

t.test('hooks are called for those who come and those who go', async (t) => {
  const watched = watch()
  const { presence } = watched
  presence.leave(presence.enter(alice, 'eventsource', ['a', 'b']), false)
  t.same(watched.events, ['+ alice eventsource a,b', '- alice eventsource a,b'])
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

t.test('a second connection of a client reports what is new, and holds what both have', async (t) => {
  const watched = watch()
  const { presence } = watched
  const poll = presence.enter(alice, 'long-poll', ['a'])
  const stream = presence.enter(alice, 'eventsource', ['a', 'b'])
  presence.leave(poll, false)
  t.same(watched.events, ['+ alice long-poll a', '+ alice eventsource b'])
  t.equal(presence.subscribers('a').length, 1)
  presence.leave(stream, false)
  t.same(watched.events.slice(2), ['- alice eventsource a,b'])
})

t.test('a connection ends once', async (t) => {
  const watched = watch()
  const { presence } = watched
  const first = presence.enter(alice, 'eventsource', ['a'])
  presence.enter(alice, 'eventsource', ['a'])
  for (const isExpected of [false, true]) presence.leave(first, isExpected)
  presence.narrow(first, ['a'])
  t.equal(presence.subscribers('a').length, 1)
  t.same(watched.events, ['+ alice eventsource a'])
})

t.test('a connection may go on without some of its channels', async (t) => {
  const watched = watch()
  const { presence } = watched
  const stay = presence.enter(alice, 'eventsource', ['a', 'b', 'c'])
  presence.enter(alice, 'iframe', ['b'])
  presence.narrow(stay, ['a', 'b', 'elsewhere'])
  t.same(watched.events.slice(1), ['- alice iframe a'])
  t.same(['a', 'b', 'c'].map((channel) => presence.subscribers(channel).length), [0, 1, 1])
  presence.narrow(stay, ['c'])
  t.same(watched.events.slice(2), ['- alice iframe c'])
})

t.test('the same client as another user is somebody else', async (t) => {
  const watched = watch()
  const { presence } = watched
  const stay = presence.enter(alice, 'eventsource', ['a'])
  presence.enter({ ...alice, user: 'eve' }, 'eventsource', ['a'])
  t.equal(presence.subscribers('a').length, 2)
  presence.leave(stay, false)
  t.match(presence.subscribers('a'), [{ user: 'eve' }])
  t.equal(watched.events.length, 3)
})

t.test('a pause that is short enough is no leaving', async (t) => {
  const pass = stopClock(t)
  const watched = watch(100)
  const { presence } = watched
  presence.leave(presence.enter(alice, 'long-poll', ['a']), true)
  pass(99)
  presence.tick(performance.now())
  t.equal(presence.subscribers('a').length, 1)
  presence.enter(alice, 'long-poll', ['a'])
  pass(1000)
  presence.tick(performance.now())
  t.same(watched.events, ['+ alice long-poll a'])
})

t.test('a pause that is too long is one', async (t) => {
  const pass = stopClock(t)
  const watched = watch(100)
  const { presence } = watched
  presence.leave(presence.enter(alice, 'long-poll', ['a']), true)
  pass(100)
  presence.tick(performance.now())
  presence.tick(performance.now())
  t.same(watched.events, ['+ alice long-poll a', '- alice long-poll a'])
  t.same(presence.subscribers('a'), [])
})

t.test('a client that comes back with fewer channels leaves the others in their time', async (t) => {
  const pass = stopClock(t)
  const watched = watch(100)
  const { presence } = watched
  presence.leave(presence.enter(alice, 'long-poll', ['a', 'b']), true)
  const stay = presence.enter(alice, 'long-poll', ['a'])
  presence.leave(stay, false)
  t.same(watched.events.slice(1), ['- alice long-poll a'])
  pass(100)
  presence.tick(performance.now())
  t.same(watched.events.slice(2), ['- alice long-poll b'])
  t.same(presence.subscribers('b'), [])
})

t.test('a client whose connection ends while another one has some of its channels is away with the others', async (t) => {
  const pass = stopClock(t)
  const watched = watch(100)
  const { presence } = watched
  const wide = presence.enter(alice, 'long-poll', ['a', 'b'])
  const narrow = presence.enter(alice, 'eventsource', ['a'])
  presence.leave(wide, true)
  presence.leave(narrow, false)
  t.same(watched.events.slice(1), ['- alice eventsource a'])
  pass(100)
  presence.tick(performance.now())
  t.same(watched.events.slice(2), ['- alice eventsource b'])
})

t.test('who changes its transport without a pause neither leaves nor comes', async (t) => {
  const watched = watch()
  const { presence } = watched
  const poll = presence.enter(alice, 'long-poll', ['a'])
  presence.enter(alice, 'eventsource', ['a'])
  presence.leave(poll, true)
  presence.tick(Infinity)
  t.same(watched.events, ['+ alice long-poll a'])
  t.match(presence.subscribers('a'), [{ transport: 'eventsource' }])
})

t.test('without a grace nobody is away', async (t) => {
  const watched = watch(0)
  watched.presence.leave(watched.presence.enter(alice, 'long-poll', ['a']), true)
  t.same(watched.events, ['+ alice long-poll a', '- alice long-poll a'])
})

t.test('a client that is disconnected while it is away is gone, and told once', async (t) => {
  const watched = watch()
  const { presence } = watched
  presence.leave(presence.enter(alice, 'long-poll', ['a']), true)
  t.same(
    presence.disconnect((identity, channels) => identity.user === 'alice' && channels.includes('a')),
    [digest(alice.client)]
  )
  t.same(watched.events, ['+ alice long-poll a', '- alice long-poll a'])
  t.same(presence.subscribers('a'), [])
  t.equal(presence.disconnected.take(alice.client), true)
  t.equal(presence.disconnected.take(alice.client), false)
  presence.tick(Infinity)
  t.equal(watched.events.length, 2)
})

t.test('a client that is away with several sets of channels is disconnected from all', async (t) => {
  const presence = quiet()
  for (const channels of [['a'], ['b']]) presence.leave(presence.enter(alice, 'long-poll', channels), true)
  const asked: unknown[] = []
  t.equal(presence.disconnect((_identity, channels) => { asked.push(channels); return true }).length, 1)
  t.same(asked, [['a', 'b']])
  t.same([presence.subscribers('a'), presence.subscribers('b')], [[], []])
})

t.test('who is connected, or does not match, is not disconnected here', async (t) => {
  const watched = watch()
  const { presence } = watched
  presence.enter(alice, 'eventsource', ['a'])
  presence.leave(presence.enter(alice, 'eventsource', ['b']), true)
  presence.leave(presence.enter(bob, 'long-poll', ['a']), true)
  t.same(presence.disconnect((identity) => identity.user === 'alice'), [])
  t.same(presence.disconnect(() => false), [])
  t.equal(presence.disconnected.take(bob.client), false)
  t.equal(watched.events.length, 3)
})

t.test('a client that does not ask any more is not remembered for ever', async (t) => {
  const pass = stopClock(t)
  const { presence } = watch()
  presence.leave(presence.enter(alice, 'long-poll', ['a']), true)
  presence.disconnect(everybody)
  pass(59_999)
  presence.tick(performance.now())
  presence.leave(presence.enter(alice, 'long-poll', ['a']), true)
  t.equal(presence.disconnected.take(alice.client), true)
  presence.disconnect(everybody)
  pass(60_000)
  presence.tick(performance.now())
  t.equal(presence.disconnected.take(alice.client), false)
})

t.test('what a hook throws, or rejects with, is reported, and changes nothing', async (t) => {
  const errors: unknown[] = []
  const presence = new Presence({
    onSubscribe () { throw new Error('came') },
    onUnsubscribe: async () => { throw new Error('went') },
    presenceGrace: 100,
    onError: (error) => { errors.push(error) }
  })
  const stay = presence.enter(alice, 'eventsource', ['a'])
  t.equal(presence.subscribers('a').length, 1)
  presence.leave(stay, false)
  t.equal(presence.subscribers('a').length, 0)
  await turn()
  t.match(errors, [{ message: 'came' }, { message: 'went' }])
})

t.test('a hook for those who leave is called after what goes on, and before the next one comes', async (t) => {
  const watched = watch()
  const { presence } = watched
  const stay = presence.enter(alice, 'eventsource', ['a'])
  let duringLeave: unknown
  presence.deferred.defer(() => { duringLeave = presence.subscribers('a') })
  presence.leave(stay, false)
  t.equal(duringLeave, undefined)
  presence.enter(bob, 'eventsource', ['a'])
  t.same(duringLeave, [])
  t.same(watched.events, ['+ alice eventsource a', '- alice eventsource a', '+ bob eventsource a'])
})

t.test('a hook has an array of its own', async (t) => {
  const presence = new Presence({
    onSubscribe: (_, channels) => {
      channels.splice(0)
    },
    onUnsubscribe: undefined,
    presenceGrace: 100,
    onError: t.threw
  })
  const channels = ['a']
  presence.enter(alice, 'eventsource', channels)
  t.same([channels, presence.subscribers('a').length], [['a'], 1])
})

t.test('of too many clients that are away, the first to leave are not expected any more', async (t) => {
  const left: string[] = []
  const presence = new Presence({
    onSubscribe: undefined,
    onUnsubscribe: ({ user }) => {
      left.push(String(user))
    },
    presenceGrace: 60_000,
    onError: t.threw
  })
  for (let i = 0; i < MAX_AWAY + 2; i++) {
    presence.leave(presence.enter({ client: `client-${i}`, user: `${i}` }, 'long-poll', ['a']), true)
  }
  await turn()
  t.same(left, ['0', '1'])
  t.equal(presence.subscribers('a').length, MAX_AWAY)
})

t.test('of too many channels that only clients have that are away, the first to be left are forgotten', async (t) => {
  const presence = quiet(60_000)
  const connected = presence.enter(bob, 'long-poll', ['0-0', '0-1'])
  const names = (i: number): string[] => [`${i}-0`, `${i}-1`]
  const clients = MAX_AWAY_CHANNELS / 2 + 3
  for (let i = 0; i < clients; i++) {
    presence.leave(presence.enter({ client: `client-${i}`, user: undefined }, 'long-poll', names(i)), true)
  }
  const count = (i: number): number => presence.subscribers(`${i}-1`).length
  t.same(
    [count(0), count(1), count(2), count(3), count(clients - 1)],
    [1, 0, 0, 1, 1],
    'the first has the channels of one who is connected, but was the first to leave'
  )
  t.same(presence.subscribers('0-0').map(({ client }) => client), [digest(bob.client)])
  presence.leave(connected, false)
  t.equal(count(0), 0)
})

t.test('very many that leave at once are not taken in one turn of the event loop, and all are taken', async (t) => {
  const pass = stopClock(t)
  const presence = quiet(100)
  for (let i = 0; i < 3000; i++) {
    presence.leave(presence.enter({ client: `client-${i}`, user: undefined }, 'long-poll', ['a']), true)
  }
  pass(100)
  presence.tick(performance.now())
  const left = presence.subscribers('a').length
  t.ok(left > 0 && left < 3000, `${left} are left`)
  await until(() => presence.subscribers('a').length === 0, 'all have left')
})

t.test('closed, it takes nobody any more', async (t) => {
  const pass = stopClock(t)
  const presence = quiet(100)
  for (let i = 0; i < 3000; i++) {
    presence.leave(presence.enter({ client: `client-${i}`, user: undefined }, 'long-poll', ['a']), true)
  }
  pass(100)
  presence.tick(performance.now())
  presence.close()
  const left = presence.subscribers('a').length
  await turn()
  t.equal(presence.subscribers('a').length, left)
})

t.test('who says nothing of itself is somebody new each time', async (t) => {
  const presence = quiet()
  t.not(presence.identify(undefined, undefined).client, presence.identify(undefined, undefined).client)
  t.same(presence.identify('secret', 'ann'), { client: 'secret', user: 'ann' })
})
