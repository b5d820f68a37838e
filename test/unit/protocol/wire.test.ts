import t from 'tap'
import { EARLIEST, QUERY, TRANSPORT_NAMES } from '../../../lib/protocol/wire.ts'
import { transports } from '../../../lib/transports/index.ts'

t.test('the names of the transports are those that the server has, once each', async (t) => {
  t.same(new Set(TRANSPORT_NAMES), new Set(transports.map(({ name }) => name)))
  t.equal(new Set(TRANSPORT_NAMES).size, TRANSPORT_NAMES.length)
})

t.test('each query key is called what it is written as', async (t) => {
  for (const [name, key] of Object.entries(QUERY)) t.equal(name, key)
})

t.test('the cursor for the oldest message cannot be mistaken for an epoch and an offset', async (t) => {
  t.notMatch(EARLIEST, '-')
})
