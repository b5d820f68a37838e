import t from 'tap'
import type { Test } from 'tap'
import { Clients } from '../../../lib/connections/clients.ts'
import type { Connection } from '../../../lib/connections/connection.ts'
import { stopClock } from '../../fixtures/engine.ts'
import { serve } from '../../fixtures/server.ts'
import { frame, held } from '../../fixtures/transport-clients.ts'

const stream = {} as unknown as Connection

function create (t: Test): { clients: Clients, wait: (ms: number) => void } {
  const wait = stopClock(t)
  return { clients: new Clients({ heartbeatInterval: 15_000, pollTimeout: 25_000 }), wait }
}

t.test('a stream is abandoned when its client polls, and polls again', async (t) => {
  const { clients, wait } = create(t)
  clients.stream('c', stream)
  wait(30_000)
  t.same(clients.abandoned('c'), [])
  wait(25_000)
  t.same(clients.abandoned('c'), [stream])
})

t.test('it is not while it may yet speak for the first time', async (t) => {
  const { clients, wait } = create(t)
  clients.stream('c', stream)
  for (let i = 0; i < 29; i++) {
    wait(1000)
    t.same(clients.abandoned('c'), [])
  }
})

t.test('it is not by single polls with long pauses, by which a client sees whether the server is there', async (t) => {
  const { clients, wait } = create(t)
  clients.stream('c', stream)
  for (let i = 0; i < 5; i++) {
    wait(60_000)
    t.same(clients.abandoned('c'), [])
  }
})

t.test('it is not by the polls of others, nor once it has ended', async (t) => {
  const { clients, wait } = create(t)
  clients.stream('c', stream)
  wait(40_000)
  for (let i = 0; i < 3; i++) t.same(clients.abandoned('d'), [])
  clients.abandoned('c')
  clients.remove('c', stream)
  t.same(clients.abandoned('c'), [])
})

t.test('each stream has its own time', async (t) => {
  const { clients, wait } = create(t)
  const younger = { ...stream }
  clients.stream('c', stream)
  wait(29_000)
  clients.stream('c', younger)
  wait(1000)
  clients.abandoned('c')
  wait(1000)
  t.equal(clients.abandoned('c')[0], stream)
  clients.remove('c', stream)
  t.same(clients.abandoned('c'), [])
})

for (const transport of ['eventsource', 'iframe'] as const) {
  t.test(`a client that goes on polling has given up its ${transport}`, async (t) => {
    const server = await serve(t, { comet: { maxConnectionAge: 0 } })
    const { comet } = server.app
    const client = 'c'.repeat(22)
    const [abandoned, other] = [await held(server, transport, { client }), await held(server, transport, { client: 'd'.repeat(22) })]
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
