import t from 'tap'
import type { Env } from '../../../../lib/client/browser/env.ts'
import { createWatchdog } from '../../../../lib/client/browser/watchdog.ts'

// A clock whose only timer fires when it is due.
function create () {
  let now = 0
  let timer: { at: number, task: () => void } | undefined
  let barks = 0
  const env = {
    Date: { now: () => now },
    setTimeout: (task: () => void, ms: number) => { timer = { at: now + ms, task } },
    clearTimeout: () => { timer = undefined }
  } as unknown as Env
  const dog = createWatchdog(env, () => { barks++ })
  const pass = (ms: number) => {
    const end = now + ms
    while (timer !== undefined && timer.at <= end) {
      const { at, task } = timer
      timer = undefined
      now = at
      task()
    }
    now = end
  }
  return { dog, pass, barks: () => barks, sleep: (ms: number) => { now += ms } }
}

t.test('it barks after its patience, and again after as long', async (t) => {
  const { dog, pass, barks } = create()
  dog.heard(100)
  pass(99)
  t.equal(barks(), 0)
  pass(1)
  t.equal(barks(), 1)
  pass(100)
  t.equal(barks(), 2)
})

t.test('each sound makes it wait anew', async (t) => {
  const { dog, pass, barks } = create()
  dog.heard(100)
  for (let i = 0; i < 5; i++) {
    pass(80)
    dog.heard()
  }
  t.equal(barks(), 0)
  pass(100)
  t.equal(barks(), 1)
})

t.test('without patience, and once stopped, it is silent', async (t) => {
  const { dog, pass, barks } = create()
  dog.heard()
  pass(10_000)
  dog.heard(100)
  dog.stop()
  pass(10_000)
  t.equal(barks(), 0)
})

t.test('half its patience makes a page doubtful, timers or none', async (t) => {
  const { dog, sleep } = create()
  dog.heard(100)
  sleep(50)
  t.equal(dog.isDoubtful(), false)
  sleep(1)
  t.equal(dog.isDoubtful(), true)
})
