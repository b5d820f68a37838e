import type { Bus } from './bus.ts'
import { EARLIEST } from './protocol.ts'

/** Resolves when a cursor's offset, or that it has none, is certain; `undefined` when it is at once. */
export function settle (bus: Bus, cursor: string | undefined): Promise<void> | undefined {
  if (bus.loading !== undefined) return bus.loading.then(() => settle(bus, cursor))
  const isCertain = cursor === undefined || cursor === EARLIEST || bus.toOffset(cursor) !== undefined
  return isCertain ? undefined : bus.log.catchUp()
}
