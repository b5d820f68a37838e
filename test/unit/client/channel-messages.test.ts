import t from 'tap'
import { channelMessages } from '../../../lib/client/channel-messages.ts'
import type { Comet } from '../../../lib/client/comet.ts'

type Listener = (value: unknown, message?: unknown) => void

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
  return { comet: comet as Comet & { state: string }, emit, undone }
}

t.test('messages that come while the loop is busy are kept in order', async (t) => {
  const { comet, emit, undone } = create()
  const messages = channelMessages(comet, 'a')
  const first = messages.next()
  for (const id of ['e-1', 'e-2', 'e-3']) emit('a', undefined, { id })
  t.match(await first, { value: { id: 'e-1' } })
  t.match(await messages.next(), { value: { id: 'e-2' } })
  t.match(await messages.next(), { value: { id: 'e-3' } })
  await messages.return(undefined)
  t.same(undone, ['a', 'error', 'state'])
})

t.test('it ends when the client is closed, after what has come', async (t) => {
  const { comet, emit } = create()
  const messages = channelMessages(comet, 'a')
  const first = messages.next()
  emit('a', undefined, { id: 'e-1' })
  Object.assign(comet, { state: 'closed' })
  emit('state', 'closed')
  t.match(await first, { value: { id: 'e-1' } })
  t.same(await messages.next(), { value: undefined, done: true })
})

t.test('it throws the error that ended the client, and no other', async (t) => {
  const { comet, emit } = create()
  const messages = channelMessages(comet, 'a')
  const first = messages.next()
  emit('error', new Error('passing'))
  Object.assign(comet, { state: 'closed' })
  emit('state', 'closed')
  emit('error', new Error('the last'))
  await t.rejects(first, { message: 'the last' })
})

t.test('it ends with its signal, also one that is aborted before', async (t) => {
  const { comet } = create()
  const leave = new AbortController()
  const next = channelMessages(comet, 'a', { signal: leave.signal }).next()
  leave.abort()
  t.same(await next, { value: undefined, done: true })
  t.same(await channelMessages(comet, 'a', { signal: leave.signal }).next(), { value: undefined, done: true })
})
