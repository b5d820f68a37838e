/**
 * What happens to a connection that cannot keep up with a channel: it `resume`s at its position, skips to the `latest`
 * message, or is ended (`disconnect`).
 */
export type SlowConsumer = 'resume' | 'latest' | 'disconnect'

/** What the history of the channels is bounded by; see the options of the same names. */
export interface HistorySettings {
  readonly historySize: (channel: string) => number
  /** ms */
  readonly historyAge: (channel: string) => number
  /** bytes of one channel */
  readonly channelBytes: number
  /** bytes of all channels */
  readonly historyBytes: number
  readonly retain: (channel: string) => boolean
  readonly slowConsumer: (channel: string) => SlowConsumer
}
