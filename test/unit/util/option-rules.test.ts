import t from 'tap'
import { checkOptions, completeOptions, integer } from '../../../lib/util/option-rules.ts'

const RULES = { size: integer(1, 5), age: integer(0) }
const DEFAULTS = { size: 3, age: 4 }

t.test('completeOptions: an option that is absent, or undefined, has its default', async (t) => {
  t.same(completeOptions({}, DEFAULTS, RULES), DEFAULTS)
  t.same(completeOptions({ size: undefined, age: 0 }, DEFAULTS, RULES), { size: 3, age: 0 })
})

t.test('completeOptions: a value that breaks a rule is named with the rule', async (t) => {
  for (const size of [0, 6, 1.5, NaN, Infinity]) {
    t.throws(() => completeOptions({ size }, DEFAULTS, RULES), { code: 'COMET_ERR_OPTION' }, String(size))
  }
  t.throws(() => completeOptions({ size: 6 }, DEFAULTS, RULES), {
    message: 'comet: option "size" must be an integer from 1 to 5, got 6'
  })
  t.throws(() => completeOptions({ age: -1 }, DEFAULTS, RULES), {
    message: 'comet: option "age" must be an integer from 0, got -1'
  })
})

t.test('completeOptions: the value that a message shows may be a part of the option', async (t) => {
  t.throws(
    () => completeOptions({ size: 6 }, DEFAULTS, RULES, (name, value) => `${name} ${String(value)}`),
    { message: /got "size 6"/ }
  )
})

t.test('completeOptions: an unknown option is named with those that exist', async (t) => {
  for (const name of ['sise', 'constructor']) {
    t.throws(() => completeOptions({ [name]: 1 }, DEFAULTS, RULES), {
      code: 'COMET_ERR_OPTION_UNKNOWN', message: /size, age/
    })
  }
})

t.test('checkOptions: accepts some of the names, or none', async (t) => {
  for (const options of [{}, { a: 1 }, { a: undefined, b: 2 }]) {
    t.doesNotThrow(() => { checkOptions('go', options, ['a', 'b']) })
  }
})

t.test('checkOptions: refuses a name that is none of them, and a value that is no object', async (t) => {
  const unknown = {
    code: 'COMET_ERR_ARGUMENT', message: 'comet: the options of go must be limited to a and b, got "c"'
  }
  t.throws(() => { checkOptions('go', { a: 1, c: undefined }, ['a', 'b']) }, unknown)
  for (const options of [null, 1, 'a']) {
    t.throws(() => {
      checkOptions('go', options, ['a'])
    }, { code: 'COMET_ERR_ARGUMENT', message: /^comet: the options of go must be an object, got / })
  }
})
