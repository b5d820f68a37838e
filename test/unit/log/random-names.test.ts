import t from 'tap'
import { randomEpoch, randomNodeName } from '../../../lib/log/random-names.ts'

t.test('epochs have names of 12 letters and digits, each another', async (t) => {
  const epochs = Array.from({ length: 1000 }, () => randomEpoch())
  t.ok(epochs.every((epoch) => /^[A-Za-z0-9]{12}$/.test(epoch)), String(epochs[0]))
  t.equal(new Set(epochs).size, 1000)
})

t.test('nodes have names of 12 characters, each another', async (t) => {
  const names = Array.from({ length: 1000 }, () => randomNodeName())
  t.ok(names.every((name) => /^[\w-]{12}$/.test(name)), String(names[0]))
  t.equal(new Set(names).size, 1000)
})
