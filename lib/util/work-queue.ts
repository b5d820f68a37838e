/** Calls back and reports errors; neither ever throws. */
interface Guard {
  guard (callback: () => void): void
  report (error: unknown): void
}

/** Long work that is done in steps. */
export interface Task {
  /** Does one step, of about a millisecond. Returns whether there is more to do now. */
  step (): boolean
  /** A step has thrown, which is reported already. */
  fail (): void
}

// So long a turn of the event loop is held by such work, ms, or by a single step.
const TURN_MS = 8

/**
 * Does long work a few milliseconds in each turn of the event loop, one step of each task after the other. However much
 * clients ask for at once, the loop goes on, and none of them waits for another's end.
 */
export class WorkQueue {
  readonly #guard: Guard
  readonly #tasks = new Set<Task>()
  #scheduled: NodeJS.Immediate | undefined
  #isClosed = false

  constructor (guard: Guard) {
    this.#guard = guard
  }

  get size (): number {
    return this.#tasks.size
  }

  /** Its next step comes after those of all that are waiting. */
  add (task: Task): void {
    if (this.#isClosed) return
    this.#tasks.add(task)
    this.#scheduled ??= setImmediate(() => { this.#run() })
  }

  close (): void {
    this.#isClosed = true
    this.#tasks.clear()
    clearImmediate(this.#scheduled)
  }

  #run (): void {
    this.#scheduled = undefined
    const end = performance.now() + TURN_MS
    // A task that is added again comes last, in this very loop.
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
