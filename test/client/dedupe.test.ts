import t from 'tap'
import { Dedupe } from '../../lib/client/dedupe.ts'
import { setOf } from '../../lib/client/dictionary.ts'

const message = (id: string, channel = 'a') => ({ id, channel, data: null })
const messages = (...ids: string[]) => ids.map((id) => message(id))

t.test('admits everything where nothing was remembered', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember([], setOf(['a']))
  t.ok(dedupe.admit(message('1')))
  t.ok(dedupe.admit(message('2')))
})

t.test('drops what was delivered, once', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(messages('1', '2'), setOf(['a']))
  t.same(['1', '2', '3', '1'].map((id) => dedupe.admit(message(id))), [false, false, true, true])
})

t.test('admits messages of a channel that only the new connection carries', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(messages('1', '3'), setOf(['a']))
  t.ok(dedupe.admit(message('2', 'b')))
  t.notOk(dedupe.admit(message('3')))
})

t.test('drops what is older than what was delivered, though it was not', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember([message('2', 'b')], setOf(['a', 'b']))
  t.notOk(dedupe.admit(message('1', 'a')))
  t.notOk(dedupe.admit(message('2', 'b')))
  t.ok(dedupe.admit(message('3', 'a')))
})

t.test('does not wait for messages that fell into a gap', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(messages('1', '2'), setOf(['a']))
  dedupe.loosen()
  t.notOk(dedupe.admit(message('2')))
  t.ok(dedupe.admit(message('3')))
})

t.test('does not wait for messages of a channel that is carried no more', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember([message('1', 'a'), message('2', 'b')], setOf(['a', 'b']))
  dedupe.restrict(setOf(['a']))
  t.notOk(dedupe.admit(message('1', 'a')))
  t.ok(dedupe.admit(message('3', 'a')))
})

t.test('of several connections remembered, only the channels of all count', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(messages('1', '4'), setOf(['a']))
  dedupe.remember(messages('2', '3'), setOf(['a', 'b']))
  t.ok(dedupe.admit(message('0', 'b')))
  t.same(['1', '2', '3', '4', '5'].map((id) => dedupe.admit(message(id))), [false, false, false, false, true])
})

t.test('names like __proto__ are names like any other', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember([message('__proto__', 'toString'), message('constructor', 'toString')], setOf(['toString']))
  t.notOk(dedupe.admit(message('__proto__', 'toString')))
  t.notOk(dedupe.admit(message('constructor', 'toString')))
  t.ok(dedupe.admit(message('hasOwnProperty', 'toString')))
})
