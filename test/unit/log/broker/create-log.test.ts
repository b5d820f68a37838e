import t from 'tap'
import { createBrokerLog } from '../../../../lib/log/broker/create-log.ts'
import { integer } from '../../../../lib/util/option-rules.ts'
import { FakeBroker } from '../../../fixtures/fake-broker.ts'

interface Own { size: number }

function create (given: object): object {
  let complete: object = {}
  createBrokerLog<Own>(given, { size: 3 }, { size: integer(1, 5) }, (options) => {
    complete = options
    return new FakeBroker()
  })
  return complete
}

t.test('the broker is given its own options and those of every broker, completed', async (t) => {
  t.same(create({}), { size: 3, publishTimeout: 5000, loadLength: 100_000 })
  t.same(create({ size: 5, loadLength: 0 }), { size: 5, publishTimeout: 5000, loadLength: 0 })
})

t.test('an option that breaks its rule, or is unknown, is refused', async (t) => {
  for (const given of [{ size: 6 }, { publishTimeout: 0 }, { publishTimeout: 2 ** 31 }, { loadLength: -1 }]) {
    t.throws(() => create(given), { code: 'COMET_ERR_OPTION' }, JSON.stringify(given))
  }
  t.throws(() => create({ sise: 1 }), { code: 'COMET_ERR_OPTION_UNKNOWN', message: /size, publishTimeout, loadLength/ })
})
