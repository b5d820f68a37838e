import t from 'tap'
import { Turn } from '../lib/turn.ts'

function create (): { turn: Turn, ends: () => number } {
  let ends = 0
  const turn: Turn = new Turn(() => {
    ends++
    turn.cancel()
    turn.release()
  })
  return { turn, ends: () => ends }
}

t.test('it ends once, however often that is asked for, and after the turn', async (t) => {
  const { turn, ends } = create()
  turn.schedule()
  turn.take(10)
  await Promise.resolve()
  t.equal(ends(), 0)
  await new Promise(setImmediate)
  t.equal(ends(), 1)
  turn.schedule()
  await new Promise(setImmediate)
  t.equal(ends(), 2)
})

t.test('where very much comes, its end is not waited for', async (t) => {
  const { turn, ends } = create()
  turn.take(262_144)
  t.equal(ends(), 0)
  turn.take(1)
  t.equal(ends(), 1)
  turn.take(262_144)
  t.equal(ends(), 1, 'and then it is counted anew')
  turn.cancel()
})

t.test('a pause is asked for only where much has come, and lasts to the end', async (t) => {
  const { turn, ends } = create()
  turn.take(65_536)
  t.equal(turn.pause(), undefined)
  turn.take(1)
  await turn.pause()
  t.equal(ends(), 1)
})

t.test('what is cancelled does not happen', async (t) => {
  const { turn, ends } = create()
  turn.schedule()
  turn.cancel()
  await new Promise(setImmediate)
  t.equal(ends(), 0)
})
