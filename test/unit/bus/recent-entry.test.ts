import t from 'tap'
import { isRecent } from '../../../lib/bus/recent-entry.ts'

t.test('an entry is recent for a minute, and where its time is not said', async (t) => {
  const entry = { offset: 1, channel: '', data: '1' }
  t.same([undefined, 0, 59_000, 61_000].map((age) => isRecent(age === undefined ? entry : { ...entry, time: Date.now() - age })), [true, true, true, false])
})
