import t from 'tap'
import { Comet as Classic } from '../../../lib/client/comet.ts'
import { Comet, type Message, type SubscribeOptions } from '../../../lib/client/index.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'

type Listener = (value: unknown, message?: unknown) => void

/** A client that the test plays, and its iterator. */
function create () {
  const listeners: Record<string, Listener> = {}
  const undone: string[] = []
  const comet = { state: 'open' }
  const listen = (name: string, listener: Listener) => {
    listeners[name] = listener
    return () => { undone.push(name) }
  }
  Object.assign(comet, { subscribe: listen, on: listen })
  const emit = (name: string, value?: unknown, message?: unknown) => { listeners[name]?.(value, message) }
  const channelMessages = (options?: SubscribeOptions) =>
    Comet.prototype.channel.call(comet as Comet, 'a', options)[Symbol.asyncIterator]()
  return {
    comet, channelMessages: channelMessages as (options?: SubscribeOptions) => AsyncGenerator<Message>, emit, undone
  }
}

t.test('the module is the classic client, with channels to iterate over', async (t) => {
  const comet = new Comet('http://127.0.0.1:1/comet', {}, nodeEnv())
  t.type(comet, Classic)
  const messages = comet.channel('a')[Symbol.asyncIterator]()
  comet.close()
  await t.rejects(async () => messages.next(), { code: 'COMET_ERR_CLOSED' })
})

t.test('messages that come while the loop is busy are kept in order', async (t) => {
  const { channelMessages, emit, undone } = create()
  const messages = channelMessages()
  const first = messages.next()
  for (const id of ['e-1', 'e-2', 'e-3']) emit('a', undefined, { id })
  t.match(await first, { value: { id: 'e-1' } })
  t.match(await messages.next(), { value: { id: 'e-2' } })
  t.match(await messages.next(), { value: { id: 'e-3' } })
  await messages.return(undefined)
  t.same(undone, ['a', 'error', 'state'])
})

t.test('it ends when the client is closed, after what has come', async (t) => {
  const { comet, channelMessages, emit } = create()
  const messages = channelMessages()
  const first = messages.next()
  emit('a', undefined, { id: 'e-1' })
  Object.assign(comet, { state: 'closed' })
  emit('state', 'closed')
  t.match(await first, { value: { id: 'e-1' } })
  t.same(await messages.next(), { value: undefined, done: true })
})

t.test('it throws the error that ended the client, and no other', async (t) => {
  const { comet, channelMessages, emit } = create()
  const messages = channelMessages()
  const first = messages.next()
  emit('error', new Error('passing'))
  Object.assign(comet, { state: 'closed' })
  emit('state', 'closed')
  emit('error', new Error('the last'))
  await t.rejects(first, { message: 'the last' })
})

t.test('it ends with its signal, also one that is aborted before', async (t) => {
  const { channelMessages } = create()
  const leave = new AbortController()
  const next = channelMessages({ signal: leave.signal }).next()
  leave.abort()
  t.same(await next, { value: undefined, done: true })
  t.same(await channelMessages({ signal: leave.signal }).next(), { value: undefined, done: true })
})
