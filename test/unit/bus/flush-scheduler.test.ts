import t from 'tap'
import { FlushScheduler } from '../../../lib/bus/flush-scheduler.ts'

function create (): { turn: FlushScheduler, ends: () => number } {
  let ends = 0
  const turn: FlushScheduler = new FlushScheduler(() => {
    ends++
    turn.flushed()
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
  turn.close()
})

t.test('a pause is asked for only where much has come, and lasts to the end', async (t) => {
  const { turn, ends } = create()
  turn.take(65_536)
  t.equal(turn.pause(), undefined)
  turn.take(1)
  await turn.pause()
  t.equal(ends(), 1)
})

t.test('one that is closed does not end', async (t) => {
  const { turn, ends } = create()
  turn.schedule()
  turn.close()
  turn.schedule()
  await new Promise(setImmediate)
  t.equal(ends(), 0)
})

t.test('a pause lasts to the end of the turn also where everything was handed out before', async (t) => {
  const { turn, ends } = create()
  turn.take(300_000)
  t.equal(ends(), 1)
  await turn.pause()
  t.equal(ends(), 2)
})

t.test('nobody waits for the end of a turn that was closed, nor of one that threw', async (t) => {
  const turn = new FlushScheduler(() => { throw new Error('no') })
  const thrown = new Promise((resolve) => { process.once('uncaughtException', resolve) })
  turn.take(70_000)
  await turn.pause()
  t.match(await thrown, { message: 'no' })
  turn.take(70_000)
  const pause = turn.pause()
  turn.close()
  await pause
  turn.take(70_000)
  t.equal(turn.pause(), undefined)
})
