import t from 'tap'
import { EngineClock } from '../../../../lib/log/broker/broker-clock.ts'
import { stopClock } from '../../../fixtures/engine.ts'

const HOUR = 3_600_000

t.test('an age by the engine’s clock is the same by this machine’s, however far apart they are', async (t) => {
  const pass = stopClock(t)
  for (const skew of [-HOUR, 0, HOUR]) {
    const engineTime = Date.now() + skew
    const clock = new EngineClock(engineTime)
    pass(5000)
    const age = Date.now() - clock.toLocal(engineTime - 1000)
    t.ok(Math.abs(age - 6000) < 50, `${age}`)
    t.ok(Date.now() - clock.toLocal(engineTime + 10_000) < 50, 'what comes before its time is new')
  }
})
