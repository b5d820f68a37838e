import t from 'tap'
import { closeFrame, countSent, heartbeatFrame } from '../../../lib/connections/connection.ts'
import { Batch } from '../../../lib/transports/batch.ts'
import { createBus, publish } from '../../fixtures/bus.ts'

t.test('counts what was sent, and reports a batch with gaps', async (t) => {
  const counters = { delivered: 1, bytesSent: 10, gaps: 0 }
  let gaps = 0
  const parts = { counters, lifecycle: { gap () { gaps++ } } }
  countSent(parts, new Batch('12345', 3, 0), 5)
  t.same([counters, gaps], [{ delivered: 4, bytesSent: 15, gaps: 0 }, 0])
  countSent(parts, new Batch('12345', 0, 2), 7)
  t.same([counters, gaps], [{ delivered: 4, bytesSent: 22, gaps: 2 }, 1])
})

t.test('a close frame has a time to come back, unless the client must not', async (t) => {
  t.match(closeFrame('shutdown'), { type: 'close', reason: 'shutdown', retry: Number })
  t.same(closeFrame('disconnected'), { type: 'close', reason: 'disconnected' })
})

t.test('a heartbeat has the position of the bus', async (t) => {
  const bus = createBus(t)
  await publish(bus, 'a', 1)
  bus.flush()
  t.match(heartbeatFrame(bus), { type: 'heartbeat', cursor: bus.cursor, time: Number })
})
