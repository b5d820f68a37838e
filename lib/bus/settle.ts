import type { Bus } from './bus.ts'
import { EARLIEST } from '../protocol/wire.ts'

/** Resolves to whether a cursor's offset, or that it has none, is certain within so many ms; `undefined` when it is at once. */
export function settle (bus: Bus, cursor: string | undefined, ms: number): Promise<boolean> | undefined {
  const deadline = performance.now() + ms
  const loaded = bus.loading === undefined ? undefined : bus.loadings.wait(ms)
  if (loaded !== undefined) return loaded.then((isLoaded) => isLoaded && (settle(bus, cursor, deadline - performance.now()) ?? true))
  const isCertain = cursor === undefined || cursor === EARLIEST || bus.toOffset(cursor) !== undefined
  return isCertain ? undefined : bus.catchUps.wait(ms)
}
