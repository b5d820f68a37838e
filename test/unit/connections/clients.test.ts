import t from 'tap'
import type { Test } from 'tap'
import { Clients } from '../../../lib/connections/clients.ts'
import type { Connection } from '../../../lib/connections/connection.ts'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import { stopClock } from '../../fixtures/bus.ts'
import { serve } from '../../fixtures/server.ts'
import { frame, held } from '../../fixtures/transport-clients.ts'

const stream = { transport: eventsource } as unknown as Connection
const client = { transport: longPoll } as unknown as Connection

function create (t: Test): { clients: Clients, wait: (ms: number) => void } {
  const wait = stopClock(t)
  return { clients: new Clients({ heartbeatInterval: 15_000, pollTimeout: 25_000 }), wait }
}

/** A poll of the client comes and goes. Returns what the client has given up by that. */
function poll (clients: Clients, name: string): Connection[] {
  const connection = { ...client }
  const givenUp = clients.add(name, connection)
  clients.remove(name, connection)
  return givenUp
}

t.test('a newer poll shows that the client has given up the older one', async (t) => {
  const { clients } = create(t)
  const [older, newer] = [{ ...client }, { ...client }]
  t.same(clients.add('c', older), [])
  t.equal(clients.add('c', newer)[0], older)
  clients.remove('c', older)
  t.equal(clients.add('c', older)[0], newer)
})

t.test('a newer stream shows nothing of the kind', async (t) => {
  const { clients } = create(t)
  clients.add('c', stream)
  clients.add('c', client)
  t.same(clients.add('c', { ...stream }), [])
})

t.test('a stream is abandoned when its client polls, and polls again', async (t) => {
  const { clients, wait } = create(t)
  clients.add('c', stream)
  wait(30_000)
  t.same(poll(clients, 'c'), [])
  wait(25_000)
  t.same(poll(clients, 'c'), [stream])
})

t.test('it is not while it may yet speak for the first time', async (t) => {
  const { clients, wait } = create(t)
  clients.add('c', stream)
  for (let i = 0; i < 29; i++) {
    wait(1000)
    t.same(poll(clients, 'c'), [])
  }
})

t.test('it is not by single polls with long pauses, by which a client sees whether the server is there', async (t) => {
  const { clients, wait } = create(t)
  clients.add('c', stream)
  for (let i = 0; i < 5; i++) {
    wait(60_000)
    t.same(poll(clients, 'c'), [])
  }
})

t.test('it is not by the polls of others, nor once it has ended', async (t) => {
  const { clients, wait } = create(t)
  clients.add('c', stream)
  wait(40_000)
  for (let i = 0; i < 3; i++) t.same(poll(clients, 'd'), [])
  poll(clients, 'c')
  clients.remove('c', stream)
  t.same(poll(clients, 'c'), [])
})

t.test('each stream has its own time', async (t) => {
  const { clients, wait } = create(t)
  const younger = { ...stream }
  clients.add('c', stream)
  wait(29_000)
  clients.add('c', younger)
  wait(1000)
  poll(clients, 'c')
  wait(1000)
  t.equal(poll(clients, 'c')[0], stream)
  clients.remove('c', stream)
  t.same(poll(clients, 'c'), [])
})

for (const transport of ['eventsource', 'iframe'] as const) {
  t.test(`a client that goes on polling has given up its ${transport}`, async (t) => {
    const server = await serve(t, { comet: { maxConnectionAge: 0 } })
    const { comet } = server.app
    const client = 'c'.repeat(22)
    const [abandoned, other] = [
      await held(server, transport, { client }), await held(server, transport, { client: 'd'.repeat(22) })
    ]
    const wait = stopClock(t)
    wait(31_000)
    const poll = await held(server, 'long-poll', { client })
    t.equal(comet.stats().connections[transport], 2)
    await comet.publish('a', 'answers the poll')
    await poll.next()
    wait(1000)
    const next = await held(server, 'long-poll', { client })
    t.match(await frame(abandoned, 'close'), { reason: 'rotate' })
    t.match(comet.stats().connections, { [transport]: 1, 'long-poll': 1 })
    t.same(comet.subscribers('a').length, 2)
    await comet.publish('a', 'news')
    t.match(await next.next(), { data: 'news' })
    other.cut()
  })
}
