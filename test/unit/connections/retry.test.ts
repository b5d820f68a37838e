import t from 'tap'
import { retryDelay, retryFor, rotationAge } from '../../../lib/connections/retry.ts'

function draw<T> (draw: () => T): T[] {
  return Array.from({ length: 500 }, draw)
}

t.test('a lost client comes back after 1 to 5 seconds, each after another time', async (t) => {
  const delays = draw(retryDelay)
  t.ok(delays.every((delay) => Number.isInteger(delay) && delay >= 1000 && delay <= 5000))
  t.ok(new Set(delays).size > 100)
})

for (const reason of ['shutdown', 'busy', 'slow'] as const) {
  t.test(`a client that was sent away as ${reason} comes back after 1 to 5 seconds`, async (t) => {
    t.ok(draw(() => retryFor(reason)).every((delay) => delay !== undefined && delay >= 1000 && delay <= 5000))
  })
}

t.test('a client that was rotated comes back within a second', async (t) => {
  t.ok(draw(() => retryFor('rotate')).every((delay) => delay !== undefined && delay >= 0 && delay <= 1000))
})

for (const reason of ['disconnected', 'unauthorized'] as const) {
  t.test(`a client that is ${reason} does not come back`, async (t) => {
    t.equal(retryFor(reason), undefined)
  })
}

t.test('a stream is rotated in the last fifth of its greatest age', async (t) => {
  t.ok(draw(() => rotationAge(1000)).every((age) => age >= 800 && age <= 1000))
})

t.test('a greatest age of 0 is none', async (t) => {
  t.equal(rotationAge(0), Infinity)
})
