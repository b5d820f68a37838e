import { randomInt } from 'node:crypto'
import type { CloseReason } from '../protocol/wire.ts'

/** When a client that lost its connection should come back, ms: drawn for each, so that they do not come all at once. */
export function retryDelay (): number {
  return randomInt(1000, 5001)
}

/** When a client whose stream is ended for this reason should come back, ms; `undefined`: not at all. */
export function retryFor (reason: CloseReason): number | undefined {
  if (reason === 'disconnected' || reason === 'unauthorized') return undefined
  return reason === 'rotate' ? randomInt(0, 1001) : retryDelay()
}

/** A point in the last fifth of an age, ms. */
export function rotationAge (maxAge: number): number {
  return maxAge === 0 ? Infinity : intervalOf(maxAge)
}

/** An interval, or up to a fifth less, ms: what began at once does not go on in step. */
export function intervalOf (ms: number): number {
  return ms * (0.8 + 0.2 * Math.random())
}
