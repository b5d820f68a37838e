/**
 * What happens to a connection that cannot keep up with a channel: it `resume`s at its position, skips to the `latest`
 * message, or is ended (`disconnect`).
 */
export type SlowConsumer = 'resume' | 'latest' | 'disconnect'

/** The limits of the history; see the options of the same names. */
export interface HistorySettings {
  readonly historySize: (channel: string) => number
  /** in ms */
  readonly historyAge: (channel: string) => number
  /** the limit for one channel, in bytes */
  readonly channelBytes: number
  /** the limit for all channels, in bytes */
  readonly historyBytes: number
  readonly retain: (channel: string) => boolean
  readonly slowConsumer: (channel: string) => SlowConsumer
}
