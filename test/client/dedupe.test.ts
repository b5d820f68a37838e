import t from 'tap'
import { Dedupe } from '../../lib/client/dedupe.ts'
import { setOf } from '../../lib/client/dictionary.ts'

const message = (id: string, channel = 'a') => ({ id, channel, data: null })

t.test('admits everything where nothing was remembered', async (t) => {
  const dedupe = new Dedupe()
  t.ok(dedupe.admit(message('1')))
  t.ok(dedupe.admit(message('2')))
})

t.test('drops what was delivered, once', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(['1', '2'], setOf(['a']))
  t.same(['1', '2', '3', '4'].map((id) => dedupe.admit(message(id))), [false, false, true, true])
})

t.test('an unseen message on a channel that only the new connection carries settles nothing', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(['1', '3'], setOf(['a']))
  t.ok(dedupe.admit(message('2', 'b')))
  t.notOk(dedupe.admit(message('3')))
})

t.test('an unseen message on a channel that both carry forgets the rest', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(['1'], setOf(['a']))
  t.ok(dedupe.admit(message('2')))
  t.ok(dedupe.admit(message('1')), 'ids are not kept for ever')
})

t.test('of several connections remembered, only the channels of all count', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(['1', '4'], setOf(['a']))
  dedupe.remember(['2', '3'], setOf(['a', 'b']))
  t.ok(dedupe.admit(message('0', 'b')))
  t.notOk(dedupe.admit(message('4')))
  t.ok(dedupe.admit(message('5')))
})

t.test('names like __proto__ are names like any other', async (t) => {
  const dedupe = new Dedupe()
  dedupe.remember(['__proto__', 'constructor'], setOf(['toString']))
  t.notOk(dedupe.admit(message('__proto__', 'toString')))
  t.notOk(dedupe.admit(message('constructor', 'toString')))
  t.ok(dedupe.admit(message('hasOwnProperty', 'toString')))
})
