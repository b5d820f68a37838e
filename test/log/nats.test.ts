import t from 'tap'
import { logContract } from '../../lib/testing/index.ts'
import { natsEngine, NatsServer } from '../fixtures/nats.ts'
import { needs } from '../fixtures/requirement.ts'

let streams = 0

t.test('the contract of logs', async (t) => {
  if (!needs(t, 'nats')) return
  const server = await NatsServer.start()
  t.teardown(() => server.stop())
  logContract({
    test: (title, run) => t.test(title, run),
    createEngine: () => natsEngine(t, server, `stream-${++streams}`),
    shared: true,
    can: { cut: true, restart: true, forget: true, trim: true }
  })
})
