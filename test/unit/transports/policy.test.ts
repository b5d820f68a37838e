import t from 'tap'
import { POLL, type RequestedStart, STREAM } from '../../../lib/transports/policy.ts'

const NONE: ReadonlySet<string> = new Set()

const starts: [string, RequestedStart, boolean][] = [
  ['now', { join: NONE }, true],
  ['a cursor', { cursor: 'e-1', join: NONE }, false],
  ['a cursor, with a channel that joins', { cursor: 'e-1', join: new Set(['a']) }, true]
]

for (const [name, start, isAnnounced] of starts) {
  t.test(`a poll from ${name} ${isAnnounced ? 'begins with' : 'has no'} open frame; a stream always has one`, async (t) => {
    t.equal(POLL.announcesOpen(start), isAnnounced)
    t.equal(STREAM.announcesOpen(start), true)
  })
}

t.test('a poll leaves room for more than the history of joining channels', async (t) => {
  t.equal(POLL.maxJoinBytes, 524_288)
  t.equal(STREAM.maxJoinBytes, Infinity)
})
