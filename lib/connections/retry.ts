import { randomInt } from 'node:crypto'
import type { CloseReason } from '../protocol/wire.ts'

/** The delay after which a client that lost its connection may reconnect, ms: random, so that not all come together. */
export function retryDelay (): number {
  return randomInt(1000, 5001)
}

/** The delay after which a client may reconnect whose connection ended for this reason, ms; `undefined`: never. */
export function retryFor (reason: CloseReason): number | undefined {
  if (reason === 'disconnected' || reason === 'unauthorized') return undefined
  return reason === 'rotate' ? randomInt(0, 1001) : retryDelay()
}

/** The age at which a stream is ended, ms: random, in the last fifth of `maxAge`; 0 means never. */
export function rotationAge (maxAge: number): number {
  return maxAge === 0 ? Infinity : intervalOf(maxAge)
}

/** A random 80 to 100 % of an interval, ms, so that what began together does not recur together. */
export function intervalOf (ms: number): number {
  return ms * (0.8 + 0.2 * Math.random())
}
