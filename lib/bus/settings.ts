import type { HistorySettings } from '../history/settings.ts'

/** What the bus needs of the options. */
export interface BusSettings extends HistorySettings {
  /** How often expired messages are looked for, ms. */
  readonly tick: number
}
