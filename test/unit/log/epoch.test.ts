import t from 'tap'
import { randomEpoch } from '../../../lib/log/epoch.ts'

t.test('epochs have names of 12 letters and digits, each another', async (t) => {
  const epochs = Array.from({ length: 1000 }, () => randomEpoch())
  t.ok(epochs.every((epoch) => /^[A-Za-z0-9]{12}$/.test(epoch)))
  t.equal(new Set(epochs).size, 1000)
})
