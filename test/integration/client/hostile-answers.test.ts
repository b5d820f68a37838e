// Answers that bring a client nowhere, or name times that no timer takes: it neither hammers the server nor falls
// silent.
import t from 'tap'
import type { Test } from 'tap'
import { Comet, type CometError } from '../../../lib/client/index.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'
import { FakeTime } from '../../fixtures/fake-time.ts'

interface Reply { after?: number, status?: number, retryAfter?: string, frames?: unknown }

const OPEN = { type: 'open', cursor: 'x-0', resumed: false, heartbeat: 15_000, poll: 25_000 }
const MESSAGE = { id: 'x-0', channel: 'a', data: 1 }
const HEARTBEAT = { type: 'heartbeat', cursor: 'x-0', time: 1 }
const DAY = 86_400_000

/**
 * A long-polling client in a time of its own. `answer` is called with the URL and the number of the request; without a
 * reply, it stays open.
 */
function meet (t: Test, answer: (url: string, number: number) => Reply | undefined, random = 0.5) {
  const time = new FakeTime(1000)
  const asked: number[] = []
  const errors: CometError[] = []
  let timersSet = 0
  class Request {
    readyState = 0
    status = 0
    responseText = ''
    onreadystatechange = () => {}
    private url = ''
    private retryAfter: string | null = null
    open (_method: string, url: string): void { this.url = url }
    abort (): void {}
    getResponseHeader (name: string): string | null {
      return name === 'Retry-After' ? this.retryAfter : 'application/json'
    }

    send (): void {
      const reply = answer(this.url, asked.push(time.now()))
      if (!reply) return
      time.after(reply.after ?? 5, () => {
        Object.assign(this, {
          readyState: 4,
          status: reply.status ??
          200,
          responseText: JSON.stringify(reply.frames ?? {}),
          retryAfter: reply.retryAfter ?? null
        })
        this.onreadystatechange()
      })
    }
  }
  const comet = new Comet('http://127.0.0.1/comet', { transports: ['long-poll'] }, nodeEnv({
    XMLHttpRequest: Request as never,
    Date: { now: () => time.now() } as never,
    Math: { random: () => random } as never,
    setTimeout: ((task: () => void, ms = 0) => {
      timersSet++
      // As all timers do it.
      return time.after(ms > 2_147_483_647 || ms < 1 || Number.isNaN(ms) ? 1 : ms, task)
    }) as never,
    clearTimeout: ((undo?: () => void) => { undo?.() }) as never
  }))
  t.teardown(() => { comet.close() })
  comet.on('error', (error) => { errors.push({ ...error, message: error.message }) })
  comet.subscribe('a', () => {})
  return { comet, time, asked, errors, timersSet: () => timersSet }
}

const isFirst = (url: string) => !url.includes('cursor=')

const NOWHERE: [title: string, frames: object[]][] = [
  ['a frame of an unknown type', [{ type: 'future' }]],
  ['an unknown frame at the same cursor', [{ type: 'hello', cursor: 'x-0' }]],
  ['the same message', [MESSAGE]],
  ['the same gap', [{ type: 'gap', channels: ['a'], reason: 'evicted', cursor: 'x-0' }]],
  ['the same heartbeat', [HEARTBEAT]],
  ['another open at the same cursor', [OPEN]]
]

for (const [title, frames] of NOWHERE) {
  t.test(`${title}, again and again, is asked for ever less often`, async (t) => {
    const { comet, time, asked, errors } = meet(t, (url) => ({ frames: isFirst(url) ? [OPEN] : frames }), 1)
    time.pass(60_000)
    t.same(asked.slice(1, 8).map((at, i) => at - (asked[i] as number) - 5), [0, 1000, 2000, 4000, 8000, 10_000, 10_000])
    t.ok(asked.length < 12, `${asked.length} requests in a minute`)
    t.equal(comet.state, 'open')
    t.same(errors, [])
  })
}

t.test('heartbeats at once are asked for less often, also where the cursor moves', async (t) => {
  const { time, asked } = meet(t, (url, number) => ({
    frames: isFirst(url)
      ? [OPEN]
      : [{ ...HEARTBEAT, cursor: `x-${number}` }]
  }))
  time.pass(60_000)
  t.ok(asked.length < 20, `${asked.length} requests in a minute`)
})

t.test('what moves the position is followed at once by the next poll, and ends the pauses', async (t) => {
  const { time, asked } = meet(t, (url, number) => ({
    frames: isFirst(url)
      ? [OPEN]
      : number < 5 ? [{ type: 'future' }] : [{ ...MESSAGE, id: `x-${number}` }]
  }), 1)
  time.pass(7500)
  const gaps = asked.map((at, i) => at - (asked[i - 1] ?? at))
  t.same(gaps.slice(2, 8), [1005, 2005, 4005, 5, 5, 5])
})

t.test('channels that join are followed at once by the next poll', async (t) => {
  const { comet, time, asked } = meet(t, (url, number) => {
    if (isFirst(url)) return { frames: [OPEN] }
    if (url.includes('join=')) {
      return { frames: [{ ...OPEN, resumed: true }, { type: 'joined', channels: ['b'], cursor: 'x-0' }] }
    }
    return number < 3 ? undefined : { after: 25_000, frames: [HEARTBEAT] }
  })
  time.pass(100)
  const before = asked.length
  comet.subscribe('b', () => {})
  time.pass(100)
  t.equal(asked.length, before + 2)
})

t.test('polls that the server holds for a short time only are no hot loop', async (t) => {
  const { time, asked } = meet(t, (url) => isFirst(url)
    ? { frames: [{ ...OPEN, poll: 300 }] }
    : { after: 300, frames: [HEARTBEAT] })
  time.pass(6000)
  t.ok(asked.length > 18, `${asked.length} requests in 6 s`)
})

t.test('nothing runs any more when it is closed in a pause, or by what led to it', async (t) => {
  for (const closesIn of ['pause', 'listener']) {
    const { comet, time, asked } = meet(t, (url) => ({ frames: isFirst(url) ? [OPEN] : [HEARTBEAT] }), 1)
    if (closesIn === 'listener') comet.on('heartbeat', () => { comet.close() })
    time.pass(500)
    comet.close()
    t.equal(asked.length, 2)
    // One that the close itself may have set to 0 ms.
    time.pass(1)
    t.equal(time.timers, 0, `closed in the ${closesIn}`)
  }
})

const FOREIGN: [title: string, body: unknown][] = [
  ['an empty array', []],
  ['an array of anything', [1, null, 'x', []]],
  ['records', [{ id: 1, name: 'x' }]],
  ['objects with a type', [{ type: 'Feature', id: 1 }]],
  ['a greeting with a cursor', [{ type: 'hello', cursor: 'x-1' }]],
  ['an open without anything', [{ type: 'open' }]],
  ['an open without times', [{ type: 'open', cursor: 'x-1' }]],
  ['an open without cursor', [{ ...OPEN, cursor: undefined }]],
  ['an open with a heartbeat that is no time', [{ ...OPEN, heartbeat: '15000' }]],
  ['an open with a negative poll', [{ ...OPEN, poll: -1 }]],
  ['a message before any open', [MESSAGE]],
  ['a heartbeat before any open', [HEARTBEAT]]
]

for (const [title, body] of FOREIGN) {
  t.test(`${title}, as the first answer, is named and tried again later`, async (t) => {
    const { comet, time, asked, errors } = meet(t, () => ({ frames: body }), 1)
    time.pass(60_000)
    t.match(errors[0], {
      code: 'COMET_ERR_RESPONSE',
      retrying: true,
      retryIn: 2000,
      message: /but not by comet \(content type application\/json\)/
    })
    t.equal(comet.state, 'waiting')
    t.ok(asked.length > 3 && asked.length < 10, `${asked.length} requests in a minute`)
  })
}

t.test('an array without any frame, as a later answer, is named and tried again later', async (t) => {
  const { time, asked, errors } = meet(t, (url) => ({ frames: isFirst(url) ? [OPEN] : [{ id: 1, name: 'x' }] }), 1)
  time.pass(60_000)
  t.match(errors[0], { code: 'COMET_ERR_RESPONSE', retrying: true, retryIn: 2000 })
  t.ok(asked.length < 20, `${asked.length} requests in a minute`)
})

// The backoff comes on top: 1000 ms, half of its first ceiling.
const RETRY_AFTER: [value: string, retryIn: number][] = [
  ['1', 2000], ['0', 1000], ['-5', 1000], ['soon', 1000], ['86400', DAY +
    1000], ['2160000', DAY + 1000], ['99999999999', DAY + 1000], ['Infinity', DAY + 1000]
]

for (const [retryAfter, retryIn] of RETRY_AFTER) {
  t.test(`Retry-After: ${retryAfter} is followed by ${retryIn} ms`, async (t) => {
    const { time, asked, errors } = meet(t, () => ({ status: 503, retryAfter }))
    time.pass(10)
    t.match(errors, [{ statusCode: 503, retryIn }])
    time.pass(retryIn - 20)
    t.equal(asked.length, 1)
    time.pass(20)
    t.equal(asked.length, 2)
  })
}

for (const [retry, retryIn] of [[500, 500], [-5, 1000], ['soon', 1000], [1e12, DAY]] as const) {
  t.test(`a close frame with retry ${retry} is followed by ${retryIn} ms`, async (t) => {
    const { comet, time, asked } = meet(t, () => ({ frames: [OPEN, { type: 'close', reason: 'busy', retry }] }))
    time.pass(10)
    t.equal(comet.state, 'waiting')
    time.pass(retryIn - 20)
    t.equal(asked.length, 1)
    time.pass(20)
    t.equal(asked.length, 2)
  })
}

for (const poll of [2_147_483_647, 1e300]) {
  t.test(`a poll held for ${poll} ms is watched without a hot loop of timers`, async (t) => {
    const { comet, time, asked, timersSet } = meet(t, (url) => isFirst(url)
      ? { frames: [{ ...OPEN, poll }] }
      : undefined)
    time.pass(60_000)
    t.equal(comet.state, 'open')
    t.equal(asked.length, 2)
    t.ok(timersSet() < 20, `${timersSet()} timers in a minute`)
  })
}
