import t from 'tap'
import { backoff, pause } from '../../../lib/util/backoff.ts'

t.test('the more failures, the longer the wait, at random, up to 2 s', async (t) => {
  for (const [failures, most] of [[0, 100], [1, 200], [4, 1600], [5, 2000], [10_000, 2000]] as const) {
    const waits = Array.from({ length: 200 }, () => backoff(failures))
    t.ok(waits.every((ms) => ms >= most / 10 && ms <= most), `${failures} failures`)
    t.ok(Math.max(...waits) - Math.min(...waits) > most / 2, 'not all at once')
  }
})

t.test('a pause ends after its time', async () => {
  await pause(1, new AbortController().signal)
})

t.test('a pause ends when it is aborted, before or meanwhile', async () => {
  const end = new AbortController()
  const pausing = pause(2 ** 30, end.signal)
  end.abort()
  await pausing
  await pause(2 ** 30, end.signal)
})
