import t from 'tap'
import type { CommonChannels } from '../../../../lib/connections/presence/channel-sets.ts'
import { Departures } from '../../../../lib/connections/presence/departures.ts'
import { PresenceEntry, Stay } from '../../../../lib/connections/presence/presence-entry.ts'
import { stopClock } from '../../../fixtures/bus.ts'
import { until } from '../../../fixtures/until.ts'

function stay (channels = 1): Stay {
  const stay = new Stay(new PresenceEntry('key', { client: 'c', user: undefined }))
  stay.set = { channels: Array.from({ length: channels }, (_, i) => `c${i}`) } as unknown as CommonChannels<Stay>
  return stay
}

t.test('clients expire in the order in which they left, once their time is over', async (t) => {
  const wait = stopClock(t)
  const expired: Stay[] = []
  const departures = new Departures(1000, (stay) => { expired.push(stay) })
  const [first, second] = [stay(), stay()]
  departures.add(first)
  wait(500)
  departures.add(second)
  wait(499)
  departures.tick(performance.now())
  t.same(expired.length, 0)
  wait(1)
  departures.tick(performance.now())
  t.equal(expired[0], first)
  t.equal(departures.size, 1)
  departures.expireOldest()
  t.equal(expired[1], second)
  departures.expireOldest()
  t.equal(expired.length, 2)
})

t.test('a client that has come back does not expire', async (t) => {
  const wait = stopClock(t)
  const departures = new Departures(1000, () => { t.fail('it expires') })
  const one = stay()
  departures.add(one)
  t.same([...departures], [one])
  departures.remove(one)
  wait(1000)
  departures.tick(performance.now())
  t.equal(departures.size, 0)
})

t.test('clients with many channels expire over several ticks of the event loop', async (t) => {
  const wait = stopClock(t)
  let expired = 0
  const departures = new Departures(1000, () => { expired++ })
  for (let i = 0; i < 5; i++) departures.add(stay(1000))
  wait(1000)
  departures.tick(performance.now())
  t.equal(expired, 2)
  await until(() => expired === 5, 'all have expired')
  departures.tick(performance.now())
  departures.close()
})
