import t from 'tap'
import { checkOptions } from '../../../lib/util/option-rules.ts'

t.test('takes some of the names, or none', async (t) => {
  for (const options of [{}, { a: 1 }, { a: undefined, b: 2 }]) t.doesNotThrow(() => { checkOptions('go', options, ['a', 'b']) })
})

t.test('refuses a name that is none of them, and what is no object', async (t) => {
  t.throws(() => { checkOptions('go', { a: 1, c: undefined }, ['a', 'b']) }, { code: 'COMET_ERR_ARGUMENT', message: 'comet: an option of go must be a or b, got "c"' })
  for (const options of [null, 1, 'a']) t.throws(() => { checkOptions('go', options, ['a']) }, { code: 'COMET_ERR_ARGUMENT', message: /^comet: the options of go must be an object, got / })
})
