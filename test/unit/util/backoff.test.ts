import t from 'tap'
import { backoff, sleep } from '../../../lib/util/backoff.ts'

t.test('the more failures, the longer the wait, at random, up to 2 s', async (t) => {
  for (const [failures, most] of [[0, 100], [1, 200], [4, 1600], [5, 2000], [10_000, 2000]] as const) {
    const waits = Array.from({ length: 200 }, () => backoff(failures))
    t.ok(waits.every((ms) => ms >= most / 10 && ms <= most), `${failures} failures`)
    t.ok(Math.max(...waits) - Math.min(...waits) > most / 2, 'they are spread')
  }
})

t.test('sleep ends after its time', async () => {
  await sleep(1, new AbortController().signal)
})

t.test('sleep ends when the signal aborts, before or meanwhile', async () => {
  const end = new AbortController()
  const pausing = sleep(2 ** 30, end.signal)
  end.abort()
  await pausing
  await sleep(2 ** 30, end.signal)
})
