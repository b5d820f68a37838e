/** A first-in, first-out list with access by index. All operations take constant time, amortized. */
export class Deque<T> {
  #items: (T | undefined)[] = []
  #head = 0

  get length (): number {
    return this.#items.length - this.#head
  }

  at (index: number): T | undefined {
    return index < 0 ? undefined : this.#items[this.#head + index]
  }

  last (): T | undefined {
    return this.#items[this.#items.length - 1]
  }

  push (item: T): void {
    this.#items.push(item)
  }

  shift (): T | undefined {
    if (this.length === 0) return undefined
    const item = this.#items[this.#head]
    this.#items[this.#head++] = undefined
    if (this.#head > 32 && this.#head * 2 > this.#items.length) this.#compact()
    return item
  }

  #compact (): void {
    this.#items.splice(0, this.#head)
    this.#head = 0
  }
}
