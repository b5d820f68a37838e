import t from 'tap'
import { prepare, query, type SubscribeRequest } from '../../../../../lib/client/connection/request.ts'
import { openLongPoll } from '../../../../../lib/client/connection/transports/long-poll.ts'
import { memoryBrowser } from '../../../../fixtures/client-in-memory.ts'

const OPEN = { type: 'open', cursor: 'e-9', resumed: false, heartbeat: 15_000, poll: 25_000 }
const HEARTBEAT = { type: 'heartbeat', cursor: 'e-9', time: 0 }
const message = (id: string) => ({ id, channel: 'a', data: null })

/** A long-poll connection, and what it brings. */
function connect (request: Partial<SubscribeRequest> = {}, isAwaitingJoined = false) {
  const browser = memoryBrowser()
  const settings = browser.settings()
  const frames: unknown[] = []
  const failures: unknown[] = []
  const channelSet = {
    request: { channels: ['a'], join: [], history: [], cursor: null, ...request },
    carried: ['a'],
    isAwaitingJoined: () => isAwaitingJoined
  }
  let disconnect = () => {}
  openLongPoll({
    settings,
    channelSet,
    request: (query_, send) => {
      prepare(settings, 'long-poll', query(query_, 'me'), (prepared) => {
        disconnect = send(prepared)
      }, ({ error }) => { throw error })
    },
    frame: (frame) => { frames.push(frame) },
    end: (failure) => { failures.push(failure) }
  })
  return {
    ...browser,
    frames,
    failures,
    disconnect: () => {
      disconnect()
    },
    queries: () => browser.requests.map(({ query }) => query)
  }
}

t.test('asks again at the cursor to which each answer has led', async (t) => {
  const { last, frames, queries } = connect({ history: [2] })
  last().answer(200, [OPEN, message('e-10')])
  last().answer(200, [message('e-11'), message('e-12')])
  t.same(queries(), ['channel=a&history=2', 'channel=a&cursor=e-10', 'channel=a&cursor=e-12'])
  t.same(frames, [OPEN, message('e-10'), message('e-11'), message('e-12')])
})

t.test('at a cursor, it first asks without it whether the server is there, and opens itself', async (t) => {
  const { last, frames, queries } = connect({ cursor: 'e-3' })
  t.same(queries(), ['channel=a'])
  last().answer(200, [OPEN, { type: 'denied', channels: ['b'] }])
  t.same(frames, [{ ...OPEN, cursor: 'e-3', resumed: true }, { type: 'denied', channels: ['b'] }])
  t.same(queries(), ['channel=a', 'channel=a&cursor=e-3'])
})

t.test('fails where the probe is not answered', async (t) => {
  const { last, failures, requests } = connect({ cursor: 'e-3' })
  last().answer(0)
  t.match(failures, [{ error: { code: 'COMET_ERR_NETWORK' }, hasNoResponse: true }])
  t.equal(requests.length, 1)
})

t.test('a join is asked for at the cursor, without a probe', async (t) => {
  const { last, queries } = connect({ channels: ['a', 'b'], cursor: 'e-3', join: ['b'], history: [1] })
  last().answer(200, [{ ...OPEN, resumed: true, cursor: 'e-3' }, { type: 'joined', channels: ['b'], cursor: 'e-5' }])
  t.same(queries(), ['channel=a&channel=b&cursor=e-3&join=b&history=1', 'channel=a&cursor=e-5'])
})

t.test('ends where an answer brings only a part of a join', async (t) => {
  const { last, failures, requests } = connect({ channels: ['a', 'b'], cursor: 'e-3', join: ['b'] }, true)
  last().answer(200, [{ ...OPEN, resumed: true, cursor: 'e-3' }])
  t.match(failures, [{ error: { code: 'COMET_ERR_NETWORK' } }])
  t.equal(requests.length, 1)
})

t.test('answers that bring nothing and come too early are followed by pauses that grow', async (t) => {
  const { last, time, requests } = connect()
  last().answer(200, [OPEN])
  const pauses = Array.from({ length: 6 }, () => {
    const [sent, from] = [requests.length, time.now()]
    last().answer(200, [HEARTBEAT])
    while (requests.length === sent) time.pass(100)
    return time.now() - from
  })
  t.same(pauses, [500, 1000, 2000, 4000, 5000, 5000])
})

t.test('a poll that was held, or brought something, is followed by the next one immediately', async (t) => {
  const { last, time, requests } = connect()
  last().answer(200, [{ ...OPEN, poll: 300 }])
  t.equal(requests.length, 2)
  time.pass(150)
  last().answer(200, [HEARTBEAT])
  t.equal(requests.length, 3, 'half of the time for which this server holds polls')
  last().answer(200, [message('e-10')])
  t.equal(requests.length, 4)
})

t.test('disconnected, it aborts its request; in a pause, it sends no other', async (t) => {
  const held = connect()
  held.disconnect()
  t.ok(held.last().isAborted)
  const pausing = connect()
  pausing.last().answer(200, [OPEN])
  pausing.last().answer(200, [HEARTBEAT])
  pausing.disconnect()
  pausing.time.pass(60_000)
  t.equal(pausing.requests.length, 2)
  t.equal(pausing.time.timers, 0)
})
