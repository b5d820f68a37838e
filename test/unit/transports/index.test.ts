import t from 'tap'
import { TRANSPORT_NAMES } from '../../../lib/protocol/wire.ts'
import { transports } from '../../../lib/transports/index.ts'

t.test('there is one for each name of the protocol', async (t) => {
  t.same(transports.map(({ name }) => name), TRANSPORT_NAMES)
})
