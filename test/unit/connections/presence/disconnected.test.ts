import t from 'tap'
import { Disconnected } from '../../../../lib/connections/presence/disconnected.ts'
import { stopClock } from '../../../fixtures/bus.ts'

function create (): Disconnected {
  return new Disconnected((client) => `digest of ${client}`)
}

t.test('a client is remembered by its digest, and taken once', async (t) => {
  const disconnected = create()
  disconnected.remember(['digest of a', 'digest of b'])
  t.same(['c', 'a', 'a', 'b'].map((client) => disconnected.take(client)), [false, true, false, true])
})

t.test('for a minute from the last time', async (t) => {
  const pass = stopClock(t)
  const disconnected = create()
  disconnected.remember(['digest of a', 'digest of b'])
  pass(30_000)
  disconnected.remember(['digest of a'])
  pass(30_000)
  disconnected.tick(performance.now())
  t.same([disconnected.take('b'), disconnected.take('a')], [false, true])
})

t.test('of more than 100,000 the oldest is forgotten', async (t) => {
  const disconnected = create()
  disconnected.remember(Array.from({ length: 100_001 }, (_, i) => `digest of ${i}`))
  t.same([0, 1, 100_000].map((i) => disconnected.take(String(i))), [false, true, true])
})

t.test('nobody pays for a digest while nobody is remembered', async (t) => {
  const disconnected = new Disconnected(() => { throw new Error('not needed') })
  t.equal(disconnected.take('a'), false)
})
