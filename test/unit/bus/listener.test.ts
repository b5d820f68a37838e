import t from 'tap'
import type { Message } from '../../../lib/protocol/messages.ts'
import { listen, type ListenOptions, type MissedMessages } from '../../../lib/bus/listener.ts'
import { Bus } from '../../../lib/bus/bus.ts'
import { FakeLog } from '../../fixtures/fake-log.ts'
import { createBus, parsed, publish, turn } from '../../fixtures/bus.ts'

interface Heard { data: unknown[], errors: unknown[], undo: () => void }

/** Listens to a channel; `react` may throw, undo or publish. */
function hear (
  bus: Bus, channel: string, options: ListenOptions = {}, react: (message: Message) => unknown = () => {}
): Heard {
  const data: unknown[] = []
  const errors: unknown[] = []
  const listener = (message: Message): unknown => {
    data.push(message.data)
    return react(message)
  }
  return { data, errors, undo: listen(bus, channel, listener, options, (error) => { errors.push(error) }) }
}

t.test('calls with each message from now on', async (t) => {
  const bus = createBus(t)
  await publish(bus, 'chat', 'before')
  const messages: Message[] = []
  listen(bus, 'chat', (message) => { messages.push(message) }, {}, t.threw)
  const id = await publish(bus, 'chat', { text: 'hello' })
  await publish(bus, 'other', 1)
  await turn()
  t.same(messages, [{ id, channel: 'chat', data: { text: 'hello' } }])
})

t.test('one that begins within another is not called with what was published before', async (t) => {
  const bus = createBus(t)
  const data: unknown[] = []
  let isFirst = true
  hear(bus, 'chat', {}, () => {
    if (!isFirst) return
    isFirst = false
    bus.publish('chat', '"within, before"', undefined).catch(t.threw)
    listen(bus, 'chat', (message) => { data.push(message.data) }, {}, t.threw)
    bus.publish('chat', '"within, after"', undefined).catch(t.threw)
  })
  await publish(bus, 'chat', 'first')
  await turn()
  await turn()
  t.same(data, ['within, after'])
})

t.test('after its undo it calls no more, and the channel is not kept for it', async (t) => {
  const bus = createBus(t, { historySize: 0 })
  const { data, undo } = hear(bus, 'chat')
  await publish(bus, 'chat', 1)
  undo()
  undo()
  await turn()
  t.same(data, [])
  t.equal(bus.history.channels, 0)
})

t.test('an undo while it is being served holds back the rest', async (t) => {
  const bus = createBus(t)
  const heard: Heard = hear(bus, 'chat', {}, () => { heard.undo() })
  for (let i = 0; i < 3; i++) await publish(bus, 'chat', i)
  await turn()
  t.same(heard.data, [0])
})

t.test('one listener may undo another that is still to be served', async (t) => {
  const bus = createBus(t)
  const first = hear(bus, 'chat', {}, () => { second.undo() })
  const second = hear(bus, 'chat')
  await publish(bus, 'chat', 1)
  await turn()
  t.same([first.data, second.data], [[1], []])
})

t.test('a signal ends it', async (t) => {
  const bus = createBus(t)
  const controller = new AbortController()
  const { data } = hear(bus, 'chat', { signal: controller.signal })
  await publish(bus, 'chat', 1)
  await turn()
  controller.abort()
  await publish(bus, 'chat', 2)
  await turn()
  t.same(data, [1])
})

t.test('with an aborted signal it does not begin', async (t) => {
  const bus = createBus(t)
  const { data, undo } = hear(bus, 'chat', { signal: AbortSignal.abort() })
  t.equal(bus.history.channels, 0)
  await publish(bus, 'chat', 1)
  await turn()
  undo()
  t.same(data, [])
})

t.test('an undo lets go of the signal', async (t) => {
  const bus = createBus(t)
  const signal = new EventTarget() as AbortSignal
  let listeners = 0
  signal.addEventListener = () => { listeners++ }
  signal.removeEventListener = () => { listeners-- }
  const { undo } = hear(bus, 'chat', { signal })
  t.equal(listeners, 1)
  undo()
  t.equal(listeners, 0)
})

t.test('a listener that throws is told of, and the messages and the others go on', async (t) => {
  const bus = createBus(t)
  const throwing = hear(bus, 'chat', {}, () => { throw new Error('broken') })
  const other = hear(bus, 'chat')
  await publish(bus, 'chat', 1)
  await publish(bus, 'chat', 2)
  await turn()
  t.same([throwing.data, other.data], [[1, 2], [1, 2]])
  t.match(throwing.errors, [{ message: 'broken' }, { message: 'broken' }])
  t.same(other.errors, [])
})

t.test('a listener that rejects is told of', async (t) => {
  const bus = createBus(t)
  const { errors } = hear(bus, 'chat', {}, () => Promise.reject(new Error('broken')))
  await publish(bus, 'chat', 1)
  await turn()
  t.match(errors, [{ message: 'broken' }])
})

t.test('what one listener does to a message reaches no other', async (t) => {
  const bus = createBus(t)
  hear(bus, 'chat', {}, (message) => { Object.assign(message.data as object, { text: 'changed' }) })
  const other = hear(bus, 'chat')
  await publish(bus, 'chat', { text: 'original' })
  await turn()
  t.same(other.data, [{ text: 'original' }])
})

t.test('a listener may publish on its own channel, even where no history is kept', async (t) => {
  const bus = createBus(t, { historySize: 0 })
  const gaps: MissedMessages[] = []
  const { data } = hear(bus, 'chat', { onGap: (gap) => { gaps.push(gap) } }, ({ data }) => {
    return Number(data) < 3 ? publish(bus, 'chat', Number(data) + 1) : undefined
  })
  await publish(bus, 'chat', 1)
  for (let i = 0; i < 3; i++) await turn()
  t.same(data, [1, 2, 3])
  t.same(gaps, [])
})

t.test('a listener that is added while others are served hears what comes after', async (t) => {
  const bus = createBus(t)
  let late: Heard | undefined
  hear(bus, 'chat', {}, () => { late ??= hear(bus, 'chat') })
  await publish(bus, 'chat', 1)
  await turn()
  await publish(bus, 'chat', 2)
  await turn()
  t.same(late?.data, [2])
})

t.test('where messages are missing onGap is called, with the position after them', async (t) => {
  const bus = createBus(t)
  const gaps: MissedMessages[] = []
  hear(bus, 'chat', { onGap: (gap) => { gaps.push(gap) } })
  const silent = hear(bus, 'chat')
  bus.history.channel('chat').evicted = 3
  bus.history.channel('chat').users.forEach((user) => { user.serve(0, 3) })
  t.same(gaps, [{ channel: 'chat', cursor: bus.toCursor(3) }])
  t.same(silent.errors, [])
})

t.test('one that was undone is not told of a gap where another epoch begins', async (t) => {
  const log = new FakeLog()
  const bus = new Bus(log, parsed())
  t.teardown(() => bus.close())
  const gaps: unknown[] = []
  const first = listen(bus, 'chat', () => {}, { onGap () { second() } }, t.threw)
  const second = listen(bus, 'chat', () => {}, { onGap (gap) { gaps.push(gap) } }, t.threw)
  log.begin('two', 0)
  t.same(gaps, [])
  first()
})
