import t from 'tap'
import { Rounds } from '../../../lib/bus/rounds.ts'
import { type Task, WorkQueue } from '../../../lib/util/work-queue.ts'
import { stopClock } from '../../fixtures/bus.ts'
import { until } from '../../fixtures/until.ts'

/** A task with a number of steps, each of which takes some time by the clock that `pass` advances. */
function task (name: string, steps: number, done: string[], pass: () => void = () => {}): Task {
  return {
    step () {
      done.push(name)
      pass()
      return --steps > 0
    },
    fail () { done.push(`${name} fails`) }
  }
}

t.test('does steps of all tasks in turn, not before the end of the turn', async (t) => {
  const work = new WorkQueue(new Rounds(t.threw))
  const done: string[] = []
  work.add(task('a', 3, done))
  work.add(task('b', 2, done))
  t.same(done, [])
  await new Promise(setImmediate)
  t.same(done, ['a', 'b', 'a', 'b', 'a'])
  t.equal(work.size, 0)
})

t.test('holds a tick of the event loop for 8 ms, or one step', async (t) => {
  const pass = stopClock(t)
  const work = new WorkQueue(new Rounds(t.threw))
  const done: string[] = []
  work.add(task('a', 10, done, () => { pass(3) }))
  await new Promise(setImmediate)
  t.equal(done.length, 3)
  await new Promise(setImmediate)
  t.equal(done.length, 6)
  work.add(task('slow', 2, done, () => { pass(50) }))
  await until(() => work.size === 0, 'the queue is empty')
  t.same(done.slice(6), ['a', 'slow', 'a', 'slow', 'a', 'a'])
})

t.test('a task that is added twice has one step at a time', async (t) => {
  const work = new WorkQueue(new Rounds(t.threw))
  const done: string[] = []
  const twice = task('a', 2, done)
  work.add(twice)
  work.add(twice)
  await new Promise(setImmediate)
  t.same(done, ['a', 'a'])
})

t.test('a step that throws is reported and ends its task alone', async (t) => {
  const errors: unknown[] = []
  const work = new WorkQueue(new Rounds((error) => { errors.push(error) }))
  const done: string[] = []
  work.add({ step () { throw new Error('no') }, fail () { throw new Error('nor this') } })
  work.add(task('b', 2, done))
  await new Promise(setImmediate)
  t.same(done, ['b', 'b'])
  t.match(errors, [{ message: 'no' }, { message: 'nor this' }])
})

t.test('does nothing once it is closed', async (t) => {
  const work = new WorkQueue(new Rounds(t.threw))
  const done: string[] = []
  work.add(task('a', 1, done))
  work.close()
  work.add(task('b', 1, done))
  await new Promise(setImmediate)
  t.same(done, [])
})
