import type { Env } from './env.ts'

/** Timers by name: one of each, owned in one place. */
export interface Timers<Name extends string> {
  set (name: Name, ms: number, task: () => void): void
  cancel (name: Name): void
  cancelAll (): void
}

export function createTimers<Name extends string> (env: Pick<Env, 'setTimeout' | 'clearTimeout'>): Timers<Name> {
  const running: { [N in Name]?: unknown } = {}
  const timers: Timers<Name> = {
    set: function (name, ms, task) {
      timers.cancel(name)
      running[name] = env.setTimeout(function () {
        delete running[name]
        task()
      }, ms)
    },
    cancel: function (name) {
      if (name in running) env.clearTimeout(running[name])
      delete running[name]
    },
    cancelAll: function () { (Object.keys(running) as Name[]).forEach(timers.cancel) }
  }
  return timers
}
