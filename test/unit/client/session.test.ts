import t from 'tap'
import type { CometOptions } from '../../../lib/client/options.ts'
import type { CometError } from '../../../lib/client/errors.ts'
import { Session } from '../../../lib/client/session.ts'
import { memoryBrowser } from '../../fixtures/client-in-memory.ts'

const OPEN = { type: 'open', cursor: 'e-9', resumed: false, heartbeat: 15_000, poll: 25_000 }
const message = (id: string, channel = 'a') => ({ id, channel, data: null })

/** A session over polls, and what it emits and delivers. */
function start (options: CometOptions = {}) {
  const browser = memoryBrowser()
  const seen: string[] = []
  const errors: CometError[] = []
  const session = new Session(browser.settings({ transports: ['long-poll'], ...options }), (event, value) => {
    if (event === 'error') errors.push(value as CometError)
    seen.push(event === 'state' ? value as string : event)
  })
  const subscribe = (channel = 'a', history = 0) => session.subscribe({
    channel, history, onFrame: (frame) => { seen.push('id' in frame ? frame.id : 'gap on ' + channel) }
  })
  const open = () => browser.requests.filter(({ isAborted, readyState }) => !isAborted && readyState === 0)
  return { ...browser, session, seen, errors, subscribe, open }
}

t.test('opens nothing before the first subscriber, and one connection for all of one task', async (t) => {
  const { time, requests, last, subscribe } = start()
  time.pass(1000)
  t.equal(requests.length, 0)
  subscribe('a')
  subscribe('b')
  t.equal(requests.length, 0)
  time.pass(0.25)
  t.equal(requests.length, 1)
  t.equal(last().query, 'channel=a&channel=b')
})

t.test('delivers what the carrier brings, and knows its position', async (t) => {
  const { time, last, session, seen, subscribe } = start()
  subscribe()
  time.pass(0.25)
  last().answer(200, [OPEN, message('e-10'), message('e-11')])
  last().answer(200, [message('e-12')])
  t.same(seen, ['connecting', 'transport', 'open', 'e-10', 'e-11', 'e-12'])
  t.equal(session.at(), 'e-12')
  t.equal(last().query, 'channel=a&cursor=e-12')
})

t.test('is idle when the last subscriber has left, and starts at its own now again', async (t) => {
  const { time, last, open, session, seen, subscribe } = start()
  const unsubscribe = subscribe()
  time.pass(0.25)
  last().answer(200, [OPEN])
  unsubscribe()
  time.pass(0.25)
  t.equal(seen.at(-1), 'idle')
  t.equal(open().length, 0)
  t.equal(session.at(), null)
  subscribe()
  time.pass(0.25)
  t.equal(last().query, 'channel=a')
})

t.test('subscribers with the same channel share one connection, which ends with the last of them', async (t) => {
  const { time, last, open, requests, seen, subscribe } = start()
  const [one, other] = [subscribe(), subscribe()]
  time.pass(0.25)
  last().answer(200, [OPEN, message('e-10')])
  t.same(seen.slice(-2), ['e-10', 'e-10'])
  one()
  time.pass(0.25)
  t.equal(open().length, 1)
  t.equal(requests.length, 2, 'nothing is asked for again')
  other()
  time.pass(0.25)
  t.equal(open().length, 0)
})

t.test('asks for other channels by a second connection, which takes over', async (t) => {
  const { time, last, open, requests, seen, subscribe } = start()
  subscribe()
  time.pass(0.25)
  last().answer(200, [OPEN])
  const carrier = last()
  subscribe('b')
  time.pass(0.25)
  t.same(open().map(({ query }) => query), ['channel=a&cursor=e-9', 'channel=a&channel=b&cursor=e-9&join=b'])
  const joined = { type: 'joined', channels: ['b'], cursor: 'e-9' }
  requests.at(-1)?.answer(200, [{ ...OPEN, resumed: true }, joined, message('e-10', 'b')])
  t.ok(carrier.isAborted)
  t.equal(seen.at(-1), 'e-10')
})

t.test('connects again after a failure, which it announces with the time', async (t) => {
  const { time, last, requests, seen, errors, subscribe } = start()
  subscribe()
  time.pass(0.25)
  last().answer(0)
  t.same(seen, ['connecting', 'waiting', 'error'])
  t.match(errors, [{ code: 'COMET_ERR_NETWORK', retrying: true, retryIn: 1000 }])
  time.pass(999)
  t.equal(requests.length, 1)
  time.pass(1)
  t.equal(requests.length, 2)
})

t.test('ends with the error that the server gives for good', async (t) => {
  const { time, last, open, seen, errors, subscribe } = start()
  subscribe()
  time.pass(0.25)
  last().answer(403, { code: 'COMET_ERR_FORBIDDEN', message: 'not allowed' })
  t.same(seen, ['connecting', 'closed', 'error'])
  t.match(errors, [{ code: 'COMET_ERR_FORBIDDEN', statusCode: 403, retrying: false }])
  t.equal(open().length, 0)
})

t.test('a browser without any of the transports is an error, not a wait', async (t) => {
  const { time, seen, errors, subscribe } = start({ transports: ['eventsource'] })
  subscribe()
  time.pass(0.25)
  t.same(seen, ['closed', 'error'])
  t.match(errors, [{ code: 'COMET_ERR_NO_TRANSPORT', retrying: false }])
})

t.test('closed, it leaves neither a connection nor a timer', async (t) => {
  const { time, last, open, session, seen, subscribe } = start()
  subscribe()
  time.pass(0.25)
  last().answer(200, [OPEN])
  session.close()
  t.equal(seen.at(-1), 'closed')
  t.equal(open().length, 0)
  time.pass(0.25)
  t.equal(time.timers, 0)
})

t.test('a silent carrier is checked by another connection, and given up if that fails', async (t) => {
  const { time, last, open, seen, subscribe } = start()
  subscribe()
  time.pass(0.25)
  last().answer(200, [OPEN, message('e-10')])
  time.pass(30_000)
  t.equal(open().length, 2)
  last().answer(0)
  t.equal(seen.at(-2), 'waiting')
  t.equal(open().length, 0)
})

t.test('a step that throws closes all, and is tried again later', async (t) => {
  const { time, last, open, seen, errors, subscribe, env } = start()
  subscribe()
  time.pass(0.25)
  const clearTimeout = env.clearTimeout
  let isBroken = true
  env.clearTimeout = ((timer: number) => {
    if (isBroken) {
      isBroken = false
      throw new Error('no timers')
    }
    clearTimeout(timer)
  }) as never
  last().answer(200, [OPEN])
  t.match(errors, [{ code: 'COMET_ERR_INTERNAL', message: /no timers/, retrying: true }])
  t.equal(seen.at(-2), 'waiting')
  t.equal(open().length, 0)
  time.pass(2000)
  last().answer(200, [OPEN])
  t.equal(seen.at(-1), 'open')
})
