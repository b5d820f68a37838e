import t from 'tap'
import { checkChannel, checkKey, isCursor, toJson } from '../../../lib/plugin/validate.ts'

t.test('a cursor is 1 to 128 of its characters', async (t) => {
  for (const text of ['a', 'earliest', 'AZaz09_-', 'x'.repeat(128)]) t.ok(isCursor(text), text)
  for (const text of ['', 'x'.repeat(129), 'a b', 'a.b', 'ä', 'a\n', '%']) t.notOk(isCursor(text), JSON.stringify(text))
})

const goodNames: [what: string, name: string][] = [
  ['one character', 'a'],
  ['255 characters', 'x'.repeat(255)],
  ['255 characters of two units each', '😀'.repeat(255)],
  ['spaces and quotes', ' " \' < > & '],
  ['a line separator, which is no control character', 'a\u2028b'],
  ['a pair of surrogates', '\u{1f4a9}']
]

const badNames: [what: string, name: unknown][] = [
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

for (const [what, name] of goodNames) {
  t.test(`a channel or a key may be ${what}`, async (t) => {
    checkChannel(name)
    checkKey(name)
    t.pass()
  })
}

for (const [what, name] of badNames) {
  t.test(`a channel or a key may not be ${what}`, async (t) => {
    t.throws(() => { checkChannel(name) }, { code: 'COMET_ERR_CHANNEL', statusCode: 400 })
    t.throws(() => { checkKey(name) }, { code: 'COMET_ERR_KEY', statusCode: 400 })
  })
}

function json (data: unknown, maxBytes = 65_536): string {
  return toJson(data, maxBytes)
}

const goodData: [what: string, data: unknown, json: string][] = [
  ['null', null, 'null'],
  ['a number', 7, '7'],
  ['NaN, which JSON has not', NaN, 'null'],
  ['an empty text', '', '""'],
  ['an object', { a: [1, undefined, () => 1], b: undefined }, '{"a":[1,null,null]}'],
  ['a date', new Date(0), '"1970-01-01T00:00:00.000Z"'],
  ['a text with line breaks', 'a\r\nb', '"a\\r\\nb"'],
  ['a text with NUL', '\0', '"\\u0000"'],
  ['a text with a lone surrogate, which UTF-8 has not', '\ud800', '"\\ud800"'],
  ['a text with line separators', '\u2028\u2029', '"\u2028\u2029"'],
  ['an object without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}']
]

for (const [what, data, expected] of goodData) {
  t.test(`takes ${what}`, async (t) => {
    t.equal(json(data), expected)
  })
}

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

const badData: [what: string, data: unknown, got: string][] = [
  ['nothing', undefined, 'undefined'],
  ['a function', () => 1, 'a function'],
  ['a symbol', Symbol('s'), 'Symbol(s)'],
  ['a promise', Promise.resolve(1), 'a promise'],
  ['a cycle', cyclic, 'an object: '],
  ['a BigInt', 7n, '7: '],
  ['a BigInt inside', { a: [7n] }, 'an object: '],
  ['a toJSON that throws', { toJSON () { throw new Error('no') } }, 'an object: no'],
  // eslint-disable-next-line no-throw-literal -- others do
  ['a toJSON that throws something else', { toJSON () { throw null } }, 'an object: null'],
  ['a toJSON that returns nothing', { toJSON () {} }, 'an object whose toJSON returns no JSON value'],
  ['a getter that throws', { get a () { throw new Error('no') } }, 'an object: no']
]

for (const [what, data, got] of badData) {
  t.test(`refuses ${what}`, async (t) => {
    t.throws(() => json(data), { code: 'COMET_ERR_DATA', statusCode: 400, message: /^[^\n]+$/ })
    t.throws(() => json(data), { message: `data must be a JSON value, got ${got}` })
  })
}

t.test('a message may have as many bytes as are allowed, and none more', async (t) => {
  t.equal(json('x'.repeat(98), 100).length, 100)
  t.throws(() => json('x'.repeat(99), 100), {
    code: 'COMET_ERR_MESSAGE_TOO_LARGE',
    statusCode: 413,
    message: 'the JSON of a message must be at most 100 bytes, got 101'
  })
})

t.test('counts bytes, not characters', async (t) => {
  t.equal(json('ä'.repeat(49), 100).length, 51)
  t.throws(() => json('ä'.repeat(50), 100), { message: /got 102$/ })
  t.equal(json('€'.repeat(32), 98).length, 34)
  t.throws(() => json('€'.repeat(33), 98), { message: /got 101$/ })
})
