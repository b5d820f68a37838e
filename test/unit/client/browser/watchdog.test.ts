import t from 'tap'
import { createWatchdog } from '../../../../lib/client/browser/watchdog.ts'
import { nodeEnv } from '../../../fixtures/client-env.ts'
import { FakeTime } from '../../../fixtures/fake-time.ts'

function start () {
  const time = new FakeTime(1_000_000)
  const stops = new Map<number, () => void>()
  const delays: number[] = []
  const env = nodeEnv({
    Date: { now: () => time.now() } as never,
    setTimeout: ((task: () => void, ms: number) => {
      delays.push(ms)
      return stops.set(stops.size + 1, time.after(ms, task)).size
    }) as never,
    clearTimeout: ((id: number) => { stops.get(id)?.() }) as never
  })
  let silences = 0
  const watchdog = createWatchdog(env, () => { silences++ })
  return { time, watchdog, delays, silences: () => silences }
}

t.test('watches from the first timeout on, and notices each time without a frame', async (t) => {
  const { time, watchdog, silences } = start()
  watchdog.touch()
  t.equal(time.timers, 0)
  watchdog.touch(1000)
  time.pass(999)
  t.equal(silences(), 0)
  time.pass(1)
  t.equal(silences(), 1)
  time.pass(1000)
  t.equal(silences(), 2)
})

t.test('a frame puts it off, without another timer', async (t) => {
  const { time, watchdog, silences } = start()
  watchdog.touch(1000)
  time.pass(600)
  watchdog.touch()
  t.equal(time.timers, 1)
  time.pass(999)
  t.equal(silences(), 0)
  time.pass(1)
  t.equal(silences(), 1)
})

t.test('notices no silence once it is stopped', async (t) => {
  const { time, watchdog, silences } = start()
  watchdog.touch(1000)
  watchdog.stop()
  time.pass(5000)
  t.equal(silences(), 0)
})

t.test('measures by the wall clock: a silence is doubtful after half of the timeout', async (t) => {
  const { time, watchdog } = start()
  watchdog.touch(1000)
  time.block(500)
  t.notOk(watchdog.isDoubtful())
  time.block(1)
  t.ok(watchdog.isDoubtful())
})

t.test('no timer is set beyond what timers can take', async (t) => {
  const { watchdog, delays } = start()
  watchdog.touch(3_000_000_000)
  t.same(delays, [2_147_483_647])
})
