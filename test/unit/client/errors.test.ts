import t from 'tap'
import { cometError, invalid } from '../../../lib/client/errors.ts'

t.test('an error has a code, a status where there is one, and the kind that is asked for', async (t) => {
  const error = cometError('COMET_ERR_STATUS', 'was answered 503', 503)
  t.match(error, { name: 'Error', code: 'COMET_ERR_STATUS', message: 'was answered 503', statusCode: 503 })
  t.type(cometError('COMET_ERR_INVALID', 'no', undefined, TypeError), TypeError)
})

const cyclic: Record<string, unknown> = {}
cyclic['self'] = cyclic

for (const [value, shown] of [

  ['text', '"text"'],
  [3, '3'],
  [NaN, 'NaN'],
  [-0, '0'],
  [10n, '10'],
  [null, 'null'],
  [{ a: 1 }, '{"a":1}'],
  [[1], '[1]'],

  [undefined, 'undefined'],
  [() => {}, 'function'],
  [cyclic, 'object'],

  ['x'.repeat(100), `"${'x'.repeat(79)}…`]

] as [unknown, string][]) {
  t.test(`a wrong value is shown as ${shown.slice(0, 30)}`, async (t) => {
    const error = invalid('cursor', 'a cursor', value)
    t.match(error, { name: 'TypeError', code: 'COMET_ERR_INVALID', message: `cursor must be a cursor, not ${shown}` })
  })
}
