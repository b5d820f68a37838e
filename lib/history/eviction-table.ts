const SLOTS = 65_536

/**
 * Remembers, in a table of fixed size, up to which offset forgotten channels were evicted. Names share slots, and a
 * slot keeps the largest offset: a channel that is used again may announce a gap of another one, but never misses its
 * own.
 */
export class EvictionTable {
  #slots = new Float64Array(SLOTS)

  /** The offset up to which the channel may have been evicted; 0 if it never was. */
  of (name: string): number {
    return this.#slots[slot(name)] as number
  }

  /** No message up to this offset is retained, of any channel. */
  fill (offset: number): void {
    this.#slots.fill(offset)
  }

  /** The channel was evicted up to this offset. */
  note (name: string, offset: number): void {
    const index = slot(name)
    this.#slots[index] = Math.max(offset, this.#slots[index] as number)
  }
}

// FNV-1a over the UTF-16 units, folded to the size of the table.
function slot (name: string): number {
  let hash = 0x811c9dc5
  for (let i = 0; i < name.length; i++) hash = Math.imul(hash ^ name.charCodeAt(i), 0x01000193)
  return ((hash >>> 16) ^ hash) & (SLOTS - 1)
}
