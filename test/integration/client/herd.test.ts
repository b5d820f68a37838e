import t from 'tap'
import type { Env } from '../../../lib/client/browser/env.ts'
import { Comet } from '../../../lib/client/index.ts'

/** Time that passes when it is told to. */
class Clock {
  now = 0
  private readonly tasks: { at: number, task: () => void }[] = []

  schedule (task: () => void, ms: number): object {
    const entry = { at: this.now + ms, task }
    this.tasks.push(entry)
    return entry
  }

  cancel (entry: unknown): void {
    const index = this.tasks.findIndex((other) => other === entry)
    if (index >= 0) this.tasks.splice(index, 1)
  }

  run (until: number): void {
    for (let next = this.first(); next && next.at <= until; next = this.first()) {
      this.cancel(next)
      this.now = Math.max(this.now, next.at)
      next.task()
    }
    this.now = until
  }

  private first (): { at: number, task: () => void } | undefined {
    return this.tasks.reduce<{ at: number, task: () => void } | undefined>(
      (best, one) => best && best.at <= one.at ? best : one, undefined
    )
  }
}

interface Source {
  onmessage: ((event: object) => void) | null
  onerror: (() => void) | null
  control: (event: object) => void
}

/** Clients with event streams that are opened by nobody but the test. */
function herd (count: number) {
  const clock = new Clock()
  const opened: { at: number, source: Source }[] = []
  class FakeSource implements Source {
    onmessage = null
    onerror = null
    control: (event: object) => void = () => {}
    constructor () { opened.push({ at: clock.now, source: this }) }
    addEventListener (_type: string, listener: (event: object) => void) { this.control = listener }
    close () {}
  }
  class DeadRequest {
    open () {}
    setRequestHeader () {}
    send () {}
    abort () {}
  }
  for (let i = 0; i < count; i++) {
    const env = {
      Math,
      Promise,
      Date: { now: () => clock.now },
      EventSource: FakeSource,
      XMLHttpRequest: DeadRequest,
      setTimeout: (task: () => void, ms = 0) => clock.schedule(task, ms),
      clearTimeout: (entry: unknown) => { clock.cancel(entry) }
    }
    new Comet('http://127.0.0.1/comet', {}, env as unknown as Env).subscribe('a', () => {})
  }
  clock.run(1)
  return { clock, opened }
}

const open = { data: JSON.stringify({ type: 'open', cursor: 'x-1', resumed: true, heartbeat: 15_000, poll: 25_000 }) }
const heartbeat = { data: JSON.stringify({ type: 'heartbeat', cursor: 'x-1', time: 0 }) }

t.test('a thousand clients that are cut at one instant come back spread out', async (t) => {
  const { clock, opened } = herd(1000)
  const first = opened.splice(0)
  t.equal(first.length, 1000)
  for (const { source } of first) source.control(open)
  clock.run(5000)
  for (const { source } of first) source.control(heartbeat)
  for (const { source } of first) source.onerror?.()
  clock.run(7000)
  t.equal(opened.length, 1000, 'each is back within 2 s')
  const times = opened.map(({ at }) => at - 5000).sort((a, b) => a - b)
  const fullest = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 100).length))
  t.ok(fullest <= 80, `no 100 ms have more than 8 % of them, but ${fullest}`)
})

t.test('those that a dead server leaves waiting try ever more rarely', async (t) => {
  const { clock, opened } = herd(50)
  for (const { source } of opened.splice(0)) source.control(open)
  clock.run(100)
  const counts: number[] = []
  for (let minute = 1; minute <= 5; minute++) {
    clock.run(minute * 60_000)
    counts.push(opened.splice(0).length)
  }
  t.ok((counts[4] ?? Infinity) <= 50 * 10, `${counts.join()} connections in each minute`)
})
