import t from 'tap'
import type { Env } from '../../../../lib/client/browser/env.ts'
import { createPace } from '../../../../lib/client/connection/pace.ts'

function create () {
  const pauses: number[] = []
  const tasks: (() => void)[] = []
  const env = {
    Math: { ...Math, random: () => 1, min: Math.min },
    setTimeout: (task: () => void, ms: number) => { tasks.push(task); return pauses.push(ms) },
    clearTimeout: (timer: number | undefined) => { if (timer !== undefined) delete tasks[timer - 1] }
  } as unknown as Env
  return { pace: createPace(env), pauses, run: () => { tasks.splice(0).forEach((task) => { task() }) } }
}

t.test('a poll that brought something is followed by the next one without a pause', async (t) => {
  const { pace, pauses } = create()
  let polls = 0
  pace.next(false, () => { polls++ })
  t.equal(polls, 1)
  t.same(pauses, [])
})

t.test('polls in vain are further and further apart, up to 10 s, until one brings something', async (t) => {
  const { pace, pauses, run } = create()
  for (let i = 0; i < 8; i++) {
    pace.next(true, () => {})
    run()
  }
  t.same(pauses.slice(0, 2), [1000, 2000])
  t.ok(pauses.every((ms, i) => i === 0 || ms >= (pauses[i - 1] as number)))
  t.equal(pauses.at(-1), 10_000)
  pace.next(false, () => {})
  pace.next(true, () => {})
  t.equal(pauses.at(-1), 1000)
})

t.test('once stopped, nothing is called any more', async (t) => {
  const { pace, run } = create()
  let polls = 0
  pace.next(true, () => { polls++ })
  pace.stop()
  run()
  pace.next(false, () => { polls++ })
  t.equal(polls, 0)
})
