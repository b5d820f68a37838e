import t from 'tap'
import * as errors from '../../lib/errors.ts'

const { asError, show, ...codes } = errors

for (const [name, CometError] of Object.entries(codes)) {
  t.test(`${name} carries its name as code and a status of its own`, async (t) => {
    const error = new (CometError as new (...args: unknown[]) => Error & {
      code: string
      statusCode: number
    })('a', 'b', 'c')
    t.equal(error.code, name)
    t.match(name, /^COMET_ERR_[A-Z_]+$/)
    t.ok(error.statusCode >= 400 && error.statusCode < 600)
    t.notMatch(error.message, '%')
  })
}

const shown: [value: unknown, text: string][] = [
  ['chat', '"chat"'],
  ['a\nb', '"a\\nb"'],
  [7, '7'],
  [7n, '7'],
  [undefined, 'undefined'],
  [null, 'null'],
  [true, 'true'],
  [Symbol('s'), 'Symbol(s)'],
  [[1, 2], 'an array of 2'],
  [{ a: 1 }, 'an object'],
  [Object.create(null), 'an object'],
  [() => 1, 'a function'],
  [class A {}, 'a function'],
  [new Error('broken'), 'broken']
]

for (const [value, text] of shown) {
  t.test(`shows ${text}`, async (t) => {
    t.equal(show(value), text)
  })
}

t.test('shows a long text by its beginning', async (t) => {
  t.equal(show('x'.repeat(78)).length, 80)
  t.equal(show('x'.repeat(79)), `"${'x'.repeat(76)}...`)
})

t.test('shows an error of several lines in one', async (t) => {
  t.equal(show(new Error('first\n    second')), 'first second')
})

t.test('what was thrown is an error, or becomes one', async (t) => {
  const error = new Error('broken')
  t.equal(asError(error), error)
  for (const thrown of [undefined, null, 'broken', { statusCode: 400 }]) {
    t.match(asError(thrown), {
      code: 'COMET_ERR_UNEXPECTED', statusCode: 500, message: `a value that is not an Error was thrown: ${show(thrown)}`
    })
  }
})
