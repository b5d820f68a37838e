// The server's side of the clock, in a time of its own.
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { startClock } from '../../demo/clock.ts'
import { FakeTime } from '../fixtures/fake-time.ts'

const START = 1_767_225_600_000

interface Started { time: FakeTime, said: number[], close (): Promise<void> }

/** A clock that begins 400 ms into a second. What it says is in seconds after `START`. */
function start (early = 0, publish?: () => Promise<unknown>): Started & { errors: unknown[] } {
  const time = new FakeTime(START + 400, early)
  const said: number[] = []
  const errors: unknown[] = []
  const closing: (() => Promise<void>)[] = []
  const app = {
    addHook: (_name: string, close: () => Promise<void>) => closing.push(close),
    log: {
      error: (error: unknown) => errors.push(error)
    }
  }
  startClock(app as unknown as FastifyInstance, async (_channel, tick) => {
    said.push((tick.time - START) / 1000)
    await publish?.()
  }, time)
  return { time, said, errors, close: async () => { for (const close of closing) await close() } }
}

function upTo (last: number, first = 1): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}

for (const early of [0, 0.3, 1, 1.7]) {
  t.test(`each second is said once, where timers fire ${early} ms early`, async (t) => {
    const { time, said } = start(early)
    time.pass(100_000)
    t.same(said, upTo(100))
  })
}

t.test('no second is said before it is there', async (t) => {
  const { time, said } = start(1)
  time.pass(599)
  t.same(said, [])
  time.pass(1)
  t.same(said, [1])
})

t.test('a process that is busy for 800 ms says late what was due', async (t) => {
  const { time, said } = start(1)
  for (let round = 0; round < 20; round++) {
    time.pass(2900)
    time.block(800)
  }
  time.pass(1000)
  t.same(said, upTo(75))
})

t.test('after a longer block every second is said, in order', async (t) => {
  const { time, said } = start(1)
  time.pass(2000)
  time.block(9000)
  time.pass(0)
  t.same(said, upTo(11))
  time.pass(1000)
  t.same(said, upTo(12))
})

t.test('after more than a minute it goes on from now', async (t) => {
  const { time, said } = start(1)
  time.pass(2000)
  time.block(3_600_000)
  time.pass(2000)
  t.same(said, [1, 2, 3603, 3604])
})

t.test('a clock that is set back a little waits, and says no second twice', async (t) => {
  const { time, said } = start(1)
  time.pass(2000)
  time.set(-900)
  time.pass(2000)
  t.same(said, [1, 2, 3])
})

t.test('a clock that is set back further says the time that it is', async (t) => {
  const { time, said } = start(1)
  time.pass(5000)
  time.set(-3000)
  time.pass(4000)
  t.same(said, [1, 2, 3, 4, 5, 3, 4, 5, 6])
})

t.test('what cannot be published is logged, and the clock goes on', async (t) => {
  const { time, said, errors } = start(0, async () => { throw new Error('no') })
  time.pass(2000)
  await new Promise(setImmediate)
  t.same(said, [1, 2])
  t.match(errors, [{ message: 'no' }, { message: 'no' }])
})

t.test('it ends with the app', async (t) => {
  const { time, said, close } = start()
  time.pass(1000)
  await close()
  t.equal(time.timers, 0)
  time.pass(5000)
  t.same(said, [1])
})
