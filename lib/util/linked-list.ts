/** What can be in one `LinkedList` at a time. */
export interface Linked<T> {
  older: T | undefined
  newer: T | undefined
}

/**
 * A list in the order of insertion, from which anything can be removed at once. A `Set` is slow to say which of its
 * elements is the first.
 */
export class LinkedList<T extends Linked<T>> {
  #newest: T | undefined
  #oldest: T | undefined
  #size = 0

  get size (): number {
    return this.#size
  }

  get oldest (): T | undefined {
    return this.#oldest
  }

  push (item: T): void {
    item.older = this.#newest
    if (this.#newest === undefined) this.#oldest = item
    else this.#newest.newer = item
    this.#newest = item
    this.#size++
  }

  /** Puts it before all others. */
  unshift (item: T): void {
    item.newer = this.#oldest
    if (this.#oldest === undefined) this.#newest = item
    else this.#oldest.older = item
    this.#oldest = item
    this.#size++
  }

  /** Removes an item of this list. What still holds the item does not hold its neighbours then. */
  remove (item: T): void {
    const { older, newer } = item
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    item.older = item.newer = undefined
    this.#size--
  }

  * [Symbol.iterator] (): Generator<T> {
    for (let item = this.#oldest; item !== undefined; item = item.newer) yield item
  }
}
