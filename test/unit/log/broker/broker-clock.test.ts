import t from 'tap'
import { BrokerClock } from '../../../../lib/log/broker/broker-clock.ts'
import { stopClock } from '../../../fixtures/bus.ts'

const HOUR = 3_600_000

t.test('an age by the broker’s clock is the same by this machine’s, however far the clocks are apart', async (t) => {
  const pass = stopClock(t)
  for (const skew of [-HOUR, 0, HOUR]) {
    const brokerTime = Date.now() + skew
    const clock = new BrokerClock(brokerTime)
    pass(5000)
    const age = Date.now() - clock.toLocal(brokerTime - 1000)
    t.ok(Math.abs(age - 6000) < 50, `${age}`)
    t.ok(Date.now() - clock.toLocal(brokerTime + 10_000) < 50, 'an entry of the future is new')
  }
})
