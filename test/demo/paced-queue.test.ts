import t from 'tap'
import { PacedQueue } from '../../demo/ui/paced-queue.ts'
import { FakeTime } from '../fixtures/fake-time.ts'

function paced (): { time: FakeTime, pace: PacedQueue<number>, shown: [item: number, at: number][] } {
  const time = new FakeTime(0)
  const shown: [number, number][] = []
  return { time, shown, pace: new PacedQueue((item: number) => { shown.push([item, time.now()]) }, 100, time) }
}

t.test('what comes alone is shown at once', async (t) => {
  const { time, pace, shown } = paced()
  for (const item of [1, 2, 3]) {
    pace.push(item)
    time.pass(1000)
  }
  t.same(shown, [[1, 0], [2, 1000], [3, 2000]])
  t.equal(time.timers, 0)
})

t.test('what comes together is shown in order, each for its time', async (t) => {
  const { time, pace, shown } = paced()
  for (const item of [1, 2, 3]) pace.push(item)
  time.pass(1000)
  t.same(shown, [[1, 0], [2, 100], [3, 200]])
  t.equal(time.timers, 0)
})

t.test('what comes while another is shown waits for its end', async (t) => {
  const { time, pace, shown } = paced()
  pace.push(1)
  time.pass(60)
  pace.push(2)
  time.pass(1000)
  t.same(shown, [[1, 0], [2, 100]])
})

t.test('where timers are held back, what arrives moves it on', async (t) => {
  const { time, pace, shown } = paced()
  for (const item of [1, 2]) pace.push(item)
  time.block(5000)
  pace.push(3)
  t.same(shown, [[1, 0], [2, 5000]])
  time.pass(1000)
  t.same(shown, [[1, 0], [2, 5000], [3, 5100]])
})

t.test('of very many all are shown, and the last 60 for their time', async (t) => {
  const { time, pace, shown } = paced()
  for (let item = 1; item <= 100; item++) pace.push(item)
  t.same(shown.map(([item]) => item), Array.from({ length: 40 }, (_, index) => index + 1))
  time.pass(60 * 100)
  t.equal(shown.length, 100)
  t.same(shown.slice(-2), [[99, 5900], [100, 6000]])
})
