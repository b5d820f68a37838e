import t from 'tap'
import { LateHistory } from '../../../../lib/client/delivery/late-history.ts'
import type { Gap } from '../../../../lib/client/events.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

const OPEN = { type: 'open', cursor: 'e-9', resumed: false, heartbeat: 15_000, poll: 25_000 }
const GAP: Gap = { channels: ['a'], reason: 'evicted', cursor: 'e-9' }
const message = (id: string) => ({ id, channel: 'a', data: null })

/** A late subscriber with a history of 2, and what it receives. */
function subscribe () {
  const browser = memoryBrowser()
  const received: string[] = []
  let onMessage = () => {}
  const late = new LateHistory(browser.settings(), {
    channel: 'a',
    history: 2,
    onFrame: (frame) => {
      received.push('id' in frame ? frame.id : 'gap')
      onMessage()
    }
  })
  late.onActive()
  return {
    ...browser,
    late,
    received,
    carrier: (...ids: string[]) => { ids.forEach((id) => { late.onFrame(message(id)) }) },
    atEach: (listener: () => void) => { onMessage = listener },
    queries: () => browser.requests.map(({ query }) => query)
  }
}

t.test('delivers the history that was polled, then what the carrier brings after the first message of both', async (t) => {
  const { carrier, last, received, queries } = subscribe()
  t.same(queries(), ['channel=a&history=2'])
  carrier('e-2', 'e-3', 'e-4')
  last().answer(200, [OPEN, message('e-4'), message('e-5')])
  carrier('e-5', 'e-6')
  t.same(received, ['e-4', 'e-5', 'e-6'])
  t.equal(queries().length, 1)
})

t.test('polls again, at its cursor, while the carrier brings messages that it does not know', async (t) => {
  const { carrier, last, received, queries } = subscribe()
  last().answer(200, [OPEN, message('e-9')])
  t.equal(queries().length, 1, 'no message, no poll')
  carrier('e-10')
  t.same(queries(), ['channel=a&history=2', 'channel=a&cursor=e-9'])
  carrier('e-11', 'e-12')
  t.equal(queries().length, 2, 'one at a time')
  last().answer(200, [message('e-10'), message('e-11')])
  t.same(received, ['e-9', 'e-10', 'e-11', 'e-12'])
  carrier('e-13')
  t.equal(queries().length, 2)
  t.equal(received.at(-1), 'e-13')
})

t.test('until both have met, gaps are those of the polls; then those of the carrier', async (t) => {
  const { late, carrier, last, received } = subscribe()
  late.onFrame(GAP)
  t.same(received, [])
  last().answer(200, [OPEN, { type: 'gap', ...GAP }, message('e-9')])
  t.same(received, ['gap', 'e-9'])
  carrier('e-9')
  late.onFrame(GAP)
  t.same(received, ['gap', 'e-9', 'gap'])
})

t.test('a failed poll is repeated after a pause, one that is not answered after 30 s', async (t) => {
  const { last, time, requests } = subscribe()
  last().answer(503)
  t.equal(requests.length, 1)
  time.pass(4000)
  t.equal(requests.length, 2, 'half of 8 s')
  const silent = last()
  time.pass(29_999)
  t.equal(requests.length, 2)
  time.pass(1)
  t.equal(requests.length, 3)
  silent.answer(401)
  time.pass(29_999)
  t.equal(requests.length, 3, 'the answer to an older poll is ignored')
})

t.test('where the server refuses the history, the carrier alone delivers', async (t) => {
  const { late, carrier, last, received, time } = subscribe()
  carrier('e-1', 'e-2')
  last().answer(403)
  carrier('e-3')
  late.onFrame(GAP)
  t.same(received, ['e-1', 'e-2', 'e-3', 'gap'])
  t.equal(time.timers, 0)
})

t.test('polls again where the channel joins again, also instead of a poll under way, until both have met', async (t) => {
  const { late, carrier, last, received, queries } = subscribe()
  const before = last()
  late.onActive()
  before.answer(200, [OPEN, message('e-1')])
  t.same(received, [])
  last().answer(200, [OPEN, message('e-9')])
  late.onActive()
  t.equal(queries().at(-1), 'channel=a&cursor=e-9')
  last().answer(200, [message('e-10')])
  carrier('e-10')
  late.onActive()
  t.same([received, queries().length], [['e-9', 'e-10'], 3])
})

t.test('closed, it polls no more, also where its own listener has closed it', async (t) => {
  const outside = subscribe()
  outside.late.close()
  outside.last().answer(200, [OPEN, message('e-9')])
  t.same(outside.received, [])
  const inside = subscribe()
  inside.carrier('e-20')
  inside.atEach(() => { inside.late.close() })
  inside.last().answer(200, [OPEN, message('e-9')])
  t.equal(inside.requests.length, 1)
  t.equal(inside.time.timers + outside.time.timers, 0)
})
