import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { transportContract } from '../fixtures/transport-contract.ts'

for (const transport of TRANSPORT_NAMES) {
  t.test(transport, async (t) => { transportContract(t, transport) })
}
