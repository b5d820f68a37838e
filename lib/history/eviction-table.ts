const SLOTS = 65_536

/**
 * Remembers, in a table of fixed size, how far the channels that were dropped had evicted. Names share slots and a slot
 * keeps the largest offset, so a channel that comes back may take a gap too many from a neighbour, never one too few.
 */
export class EvictionTable {
  #slots = new Float64Array(SLOTS)

  of (name: string): number {
    return this.#slots[slot(name)] as number
  }

  /** Nothing up to this offset is held, of whatever channel. */
  fill (offset: number): void {
    this.#slots.fill(offset)
  }

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
