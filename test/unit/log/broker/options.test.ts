import t from 'tap'
import { completeOptions, integer } from '../../../../lib/log/broker/options.ts'

const RULES = { size: integer(1, 5), age: integer(0) }
const DEFAULTS = { size: 3, age: 4 }

t.test('what is not given, or undefined, is the default', async (t) => {
  t.same(completeOptions({}, DEFAULTS, RULES), DEFAULTS)
  t.same(completeOptions<{ size: number | undefined, age: number }>({ size: undefined, age: 0 }, DEFAULTS, RULES), { size: 3, age: 0 })
})

t.test('what breaks a rule is named with the rule and the value', async (t) => {
  for (const size of [0, 6, 1.5, NaN, Infinity]) t.throws(() => completeOptions({ size }, DEFAULTS, RULES), { code: 'COMET_ERR_OPTION' }, String(size))
  t.throws(() => completeOptions({ size: 6 }, DEFAULTS, RULES), { message: 'comet: option "size" must be an integer from 1 to 5, got 6' })
  t.throws(() => completeOptions({ age: -1 }, DEFAULTS, RULES), { message: 'comet: option "age" must be an integer from 0, got -1' })
})

t.test('an option that is none is named with those that are', async (t) => {
  for (const name of ['sise', 'constructor']) t.throws(() => completeOptions({ [name]: 1 }, DEFAULTS, RULES), { code: 'COMET_ERR_OPTION_UNKNOWN', message: /size, age/ })
})
