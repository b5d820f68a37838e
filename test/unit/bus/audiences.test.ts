import t from 'tap'
import { Audiences } from '../../../lib/bus/audiences.ts'
import { BatchCache } from '../../../lib/bus/batch-cache.ts'
import { Rounds } from '../../../lib/bus/rounds.ts'
import { History } from '../../../lib/history/history.ts'
import { parsed } from '../../fixtures/bus.ts'

function create (): { history: History, audiences: Audiences } {
  const history = new History(parsed())
  const toCursor = (offset: number): string => `e-${offset}`
  const parts = { batches: new BatchCache(toCursor), rounds: new Rounds(t.threw), toCursor }
  return { history, audiences: new Audiences(history, parts) }
}

t.test('connections with the same channels, in any order, share an audience', async (t) => {
  const { audiences } = create()
  const [one, other] = [audiences.join(['a', 'b']), audiences.join(['b', 'a'])]
  t.equal(one.audience, other.audience)
  t.not(audiences.join(['a']).audience, one.audience)
  t.same([audiences.size, one.audience.connections], [2, 2])
})

t.test('an audience uses its channels until its last seat is left', async (t) => {
  const { history, audiences } = create()
  const [one, other] = [audiences.join(['a', 'b']), audiences.join(['a', 'b'])]
  one.leave()
  one.leave()
  t.same([audiences.size, history.channels, history.channel('a').users.size], [1, 2, 1])
  other.leave()
  t.same([audiences.size, history.channels], [0, 0])
})
