/** A binary heap: finds the item with the highest rank in constant time, and replaces or removes it in O(log n). */
export class Heap<T> {
  readonly #items: T[] = []
  readonly #rank: (item: T) => number

  /** `rank` must not change while the item is in the heap. */
  constructor (rank: (item: T) => number) {
    this.#rank = rank
  }

  get largest (): T | undefined {
    return this.#items[0]
  }

  push (item: T): void {
    let index = this.#items.push(item) - 1
    while (index > 0) {
      const parent = (index - 1) >> 1
      if (this.#rankAt(parent) >= this.#rank(item)) break
      this.#items[index] = this.#items[parent] as T
      index = parent
    }
    this.#items[index] = item
  }

  /** Removes the largest item and adds this one. */
  replaceLargest (item: T): void {
    const { length } = this.#items
    let index = 0
    for (;;) {
      let child = 2 * index + 1
      if (child + 1 < length && this.#rankAt(child + 1) > this.#rankAt(child)) child++
      if (child >= length || this.#rankAt(child) <= this.#rank(item)) break
      this.#items[index] = this.#items[child] as T
      index = child
    }
    this.#items[index] = item
  }

  removeLargest (): void {
    const last = this.#items.pop()
    if (last !== undefined && this.#items.length > 0) this.replaceLargest(last)
  }

  #rankAt (index: number): number {
    return this.#rank(this.#items[index] as T)
  }
}
