import t from 'tap'
import { DeliveryTracker } from '../../demo/ui/delivery-tracker.ts'

const beat = (n: number, run = 'first') => ({ run, n, at: 0, pad: '' })

t.test('messages in order are neither lost nor repeated', async (t) => {
  const tracker = new DeliveryTracker()
  for (const n of [7, 8, 9]) t.equal(tracker.see(beat(n)), true)
  t.match(tracker, { messages: 3, lost: 0, repeated: 0, gaps: 0, missing: 0 })
})

t.test('a hole that nobody told is a loss', async (t) => {
  const tracker = new DeliveryTracker()
  for (const n of [1, 2, 6]) tracker.see(beat(n))
  t.match(tracker, { lost: 3, missing: 0 })
})

t.test('a hole after a gap was told is missing, not lost', async (t) => {
  const tracker = new DeliveryTracker()
  tracker.see(beat(1))
  tracker.gap()
  tracker.see(beat(5))
  t.match(tracker, { lost: 0, missing: 3, gaps: 1 })
})

t.test('a gap excuses one hole only', async (t) => {
  const tracker = new DeliveryTracker()
  tracker.see(beat(1))
  tracker.gap()
  for (const n of [2, 3, 5]) tracker.see(beat(n))
  t.match(tracker, { lost: 1, missing: 0, gaps: 1 })
})

t.test('a beat that was here before is repeated', async (t) => {
  const tracker = new DeliveryTracker()
  for (const n of [1, 2, 3]) tracker.see(beat(n))
  t.equal(tracker.see(beat(2)), false)
  t.match(tracker, { repeated: 1, lost: 0 })
  t.equal(tracker.see(beat(4)), true, 'and takes nothing back')
})

t.test('a demo that was started anew counts from its own beginning', async (t) => {
  const tracker = new DeliveryTracker()
  for (const n of [100, 101]) tracker.see(beat(n))
  t.equal(tracker.see(beat(1, 'second')), true)
  t.equal(tracker.see(beat(2, 'second')), true)
  t.match(tracker, { lost: 0, repeated: 0 })
})
