/** An item of a `LinkedList`: it can be in one list at a time. */
export interface Linked<T> {
  older: T | undefined
  newer: T | undefined
}

/** A list in the order of insertion with constant-time removal. A `Set` would be slow to find its first element. */
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

  /** Puts an item before all others. */
  unshift (item: T): void {
    item.newer = this.#oldest
    if (this.#oldest === undefined) this.#newest = item
    else this.#oldest.older = item
    this.#oldest = item
    this.#size++
  }

  /** Removes an item of this list, and its references to its neighbours, so that it does not retain them. */
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
