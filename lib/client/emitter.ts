import type { Env } from './env.ts'

type Listener<T> = (value: T) => void

/** Calls a listener; what it throws surfaces as the page's own error, later, and breaks nothing here. */
export function callSafely<A extends unknown[]> (env: Pick<Env, 'setTimeout'>, listener: (...values: A) => void, values: A): void {
  try {
    listener.apply(undefined, values)
  } catch (error) {
    env.setTimeout(function () { throw error }, 0)
  }
}

export interface Emitter<Events> {
  on<E extends keyof Events> (event: E, listener: Listener<Events[E]>): () => void
  emit<E extends keyof Events> (event: E, value: Events[E]): void
}

/** Named events; `on` returns its undo, and both may be called while an event is being told. */
export function createEmitter<Events> (env: Pick<Env, 'setTimeout'>): Emitter<Events> {
  const lists: { [E in keyof Events]?: Listener<Events[E]>[] } = {}
  return {
    on: function (event, listener) {
      lists[event] = (lists[event] || []).concat(listener)
      let on = true
      return function () {
        if (!on) return
        on = false
        const list = (lists[event] || []).slice()
        list.splice(list.indexOf(listener), 1)
        lists[event] = list
      }
    },
    emit: function (event, value) {
      const list = lists[event] || []
      for (let i = 0; i < list.length; i++) callSafely(env, list[i] as typeof list[0], [value])
    }
  }
}
