import type { HistorySettings } from '../history/settings.ts'

/** The options that the bus needs. */
export interface BusSettings extends HistorySettings {
  /** the interval at which expired messages are looked for, in ms */
  readonly tick: number
}
