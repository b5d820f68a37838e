import t from 'tap'
import { maxDelay } from '../../../../lib/client/connection/backoff.ts'

t.test('the ceiling is 2 s first, doubles, and stops at 20 s', async (t) => {
  t.same([0, 1, 2, 3, 4, 50, 5000].map(maxDelay), [2000, 4000, 8000, 16_000, 20_000, 20_000, 20_000])
})
