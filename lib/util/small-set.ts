/**
 * A set for which one element is the usual case: then it takes no more memory than a reference to the element. It is in
 * the order of insertion.
 */
export class SmallSet<T extends object> {
  #one: T | undefined
  #all: Set<T> | undefined

  get size (): number {
    if (this.#all !== undefined) return this.#all.size
    return this.#one === undefined ? 0 : 1
  }

  add (element: T): void {
    if (this.#all !== undefined) this.#all.add(element)
    else if (this.#one === undefined) this.#one = element
    else if (this.#one !== element) {
      this.#all = new Set([this.#one, element])
      this.#one = undefined
    }
  }

  has (element: T): boolean {
    return this.#all?.has(element) ?? this.#one === element
  }

  /** Returns whether the element was in the set. */
  delete (element: T): boolean {
    if (this.#all !== undefined) return this.#all.delete(element)
    const wasThere = this.#one === element
    if (wasThere) this.#one = undefined
    return wasThere
  }

  forEach (callback: (element: T) => void): void {
    if (this.#all !== undefined) this.#all.forEach(callback)
    else if (this.#one !== undefined) callback(this.#one)
  }
}
