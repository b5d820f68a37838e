import type { StoredMessage } from './channel.ts'

/** Messages of all channels, oldest first. Each can leave on its own, so that nothing of it stays in memory. */
export class Timeline {
  #newest: StoredMessage | undefined
  oldest: StoredMessage | undefined

  push (message: StoredMessage): void {
    message.older = this.#newest
    if (this.#newest === undefined) this.oldest = message
    else this.#newest.newer = message
    this.#newest = message
  }

  /** Puts it before all others. */
  unshift (message: StoredMessage): void {
    message.newer = this.oldest
    if (this.oldest === undefined) this.#newest = message
    else this.oldest.older = message
    this.oldest = message
  }

  remove (message: StoredMessage): void {
    const { older, newer } = message
    if (older === undefined) this.oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    // Whoever still holds it must not hold its neighbours.
    message.older = message.newer = undefined
  }
}
