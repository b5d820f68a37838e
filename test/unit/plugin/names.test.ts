import t from 'tap'
import { checkChannel, checkKey, isCursor } from '../../../lib/plugin/names.ts'

t.test('a cursor is 1 to 128 of its characters', async (t) => {
  for (const text of ['a', 'earliest', 'AZaz09_-', 'x'.repeat(128)]) t.ok(isCursor(text), text)
  for (const text of ['', 'x'.repeat(129), 'a b', 'a.b', 'ä', 'a\n', '%']) t.notOk(isCursor(text), JSON.stringify(text))
})

const good: [what: string, name: string][] = [
  ['one character', 'a'],
  ['255 characters', 'x'.repeat(255)],
  ['255 characters of two units each', '😀'.repeat(255)],
  ['spaces and quotes', ' " \' < > & '],
  ['a line separator, which is no control character', 'a\u2028b'],
  ['a pair of surrogates', '\u{1f4a9}']
]

const bad: [what: string, name: unknown][] = [
  ['nothing', ''],
  ['256 characters', 'x'.repeat(256)],
  ['256 characters of two units each', '😀'.repeat(256)],
  ['256 characters, of which 254 have two units', `${'😀'.repeat(254)}ab`],
  ['511 units', 'x'.repeat(511)],
  ['a line break', 'a\nb'],
  ['NUL', 'a\0'],
  ['DEL', '\x7f'],
  ['a control character above ASCII', '\x85'],
  ['a high surrogate alone', 'a\ud800'],
  ['a low surrogate alone', '\udfffa'],
  ['a number', 7],
  ['null', null],
  ['nothing given', undefined],
  ['a symbol', Symbol('a')],
  ['an array with a name', ['chat']]
]

for (const [what, name] of good) {
  t.test(`a channel or a key may be ${what}`, async (t) => {
    checkChannel(name)
    checkKey(name)
    t.pass()
  })
}

for (const [what, name] of bad) {
  t.test(`a channel or a key may not be ${what}`, async (t) => {
    t.throws(() => { checkChannel(name) }, { code: 'COMET_ERR_CHANNEL', statusCode: 400 })
    t.throws(() => { checkKey(name) }, { code: 'COMET_ERR_KEY', statusCode: 400 })
  })
}
