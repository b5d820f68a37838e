import type { Env } from './env.ts'

/** Calls a listener; what it throws surfaces as the page's own error, later, and breaks nothing here. */
export function callSafely<A extends unknown[]> (env: Env, listener: (...values: A) => void, values: A): void {
  try {
    listener.apply(undefined, values)
  } catch (error) {
    env.setTimeout(() => { throw error }, 0)
  }
}

type Listener<Events, E extends keyof Events> = (value: Events[E]) => void

/** Named events. Listeners may come and go while one is being told. */
export class Emitter<Events> {
  private readonly env: Env
  private readonly lists: { [E in keyof Events]?: Listener<Events, E>[] } = {}

  constructor (env: Env) {
    this.env = env
  }

  /** Returns its undo. */
  on<E extends keyof Events> (event: E, listener: Listener<Events, E>): () => void {
    // A function of its own, so that the undo of one never takes away another's.
    const own = (value: Events[E]) => { listener(value) }
    this.lists[event] = (this.lists[event] || []).concat(own)
    return () => {
      this.lists[event] = (this.lists[event] || []).filter((other) => other !== own)
    }
  }

  emit<E extends keyof Events> (event: E, value: Events[E]): void {
    (this.lists[event] || []).forEach((listener) => { callSafely(this.env, listener, [value]) })
  }
}
