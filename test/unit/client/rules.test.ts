import t from 'tap'
import {
  BOOLEAN, CHANNEL, check, checkMethodOptions, FUNCTION, HISTORY, integerRule, KEY, oneOf, SIGNAL, text, type Rule
} from '../../../lib/client/rules.ts'

const NAMES = {
  right: ['a', 'x'.repeat(255), '\u{1f4a9}'.repeat(255)], wrong: ['', 'x'.repeat(256), 'a\n', '\ud800', 1]
}

for (const [name, rule, right, wrong] of [
  ['BOOLEAN', BOOLEAN, [true, false], [0, 'true', null]],
  ['FUNCTION', FUNCTION, [() => {}], ['f', {}]],
  ['SIGNAL', SIGNAL, [new AbortController().signal, new EventTarget()], [{}, null, 'signal']],
  ['CHANNEL', CHANNEL, NAMES.right, NAMES.wrong],
  ['KEY', KEY, NAMES.right, NAMES.wrong],
  ['HISTORY', HISTORY, [0, 1, 1000], [-1, 1001, 0.5, NaN, '1']],
  ['integer', integerRule(2, 4), [2, 3, 4], [1, 5, 2.5, '3']],
  ['text', text('digits', /^\d+$/), ['1', '23'], ['', 'a', 1]],
  ['oneOf', oneOf(['a', 'b']), ['a', 'b'], ['c', '', 0]]
] as [string, Rule, unknown[], unknown[]][]) {
  t.test(`${name} takes what it says and nothing else`, async (t) => {
    for (const value of right) t.doesNotThrow(() => { check('it', rule, value) })
    for (const value of wrong) {
      t.throws(() => {
        check('it', rule, value)
      }, { code: 'COMET_ERR_INVALID', message: `it must be ${rule.words}, not ` })
    }
  })
}

t.test('options are an object with known names, whose values fit or are undefined', async (t) => {
  const rules = { size: integerRule(1, 9), on: BOOLEAN }
  for (const options of [undefined, {}, { size: 1 }, { size: undefined, on: true }]) {
    t.doesNotThrow(() => { checkMethodOptions('play', rules, options) })
  }
  const refusal = (message: string) => ({ name: 'TypeError', code: 'COMET_ERR_INVALID', message })
  t.throws(() => { checkMethodOptions('play', rules, 3) }, refusal('the options of play must be an object, not 3'))
  t.throws(() => {
    checkMethodOptions('play', rules, null)
  }, refusal('the options of play must be an object, not null'))
  t.throws(() => {
    checkMethodOptions('play', rules, { big: 1 })
  }, refusal('an option of play must be one of size, on, not "big"'))
  t.throws(() => {
    checkMethodOptions('play', rules, { size: 0 })
  }, refusal('size must be an integer from 1 to 9, not 0'))
  t.throws(() => {
    checkMethodOptions('play', {}, { a: 1 })
  }, refusal('the options of play must be absent, not {"a":1}'))
})
