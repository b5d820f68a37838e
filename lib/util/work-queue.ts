/** Guards calls and reports errors; neither method ever throws. */
interface Guard {
  guard (callback: () => void): void
  report (error: unknown): void
}

/**
 * Long work that is done in steps. A step looks at its own state again: anything may have happened since the last one.
 */
export interface Task {
  /** Does one step, of about a millisecond. Returns whether there is more to do. */
  step (): boolean
  /** Called when a step has thrown; the error is already reported. */
  fail (): void
}

// How long such work, or a single step, may hold one tick of the event loop, in ms.
const TICK_MS = 8

/**
 * Does long work for at most 8 ms in each tick of the event loop, one step of each task in turn. However much clients
 * request at the same time, the event loop stays responsive, and no client waits for another's task to end.
 */
export class WorkQueue {
  readonly #guard: Guard
  readonly #tasks = new Set<Task>()
  #scheduled: NodeJS.Immediate | undefined
  #isClosed = false

  constructor (guard: Guard) {
    this.#guard = guard
  }

  /** The number of tasks that have steps left. */
  get size (): number {
    return this.#tasks.size
  }

  /** Adds a task. Its next step comes after one of each waiting task. */
  add (task: Task): void {
    if (this.#isClosed) return
    this.#tasks.add(task)
    this.#scheduled ??= setImmediate(() => { this.#run() })
  }

  /** Drops all tasks, and accepts no new ones. */
  close (): void {
    this.#isClosed = true
    this.#tasks.clear()
    clearImmediate(this.#scheduled)
  }

  #run (): void {
    this.#scheduled = undefined
    const end = performance.now() + TICK_MS
    // A task that is added again comes last, also in this loop: a Set iterates over what is added meanwhile.
    for (const task of this.#tasks) {
      this.#tasks.delete(task)
      if (this.#step(task)) this.#tasks.add(task)
      if (performance.now() >= end) break
    }
    if (this.#tasks.size > 0) this.#scheduled ??= setImmediate(() => { this.#run() })
  }

  #step (task: Task): boolean {
    try {
      return task.step()
    } catch (error) {
      this.#guard.report(error)
      this.#guard.guard(() => { task.fail() })
      return false
    }
  }
}
