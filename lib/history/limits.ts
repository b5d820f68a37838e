import type { ChannelLimits } from './channel.ts'
import type { HistorySettings } from './settings.ts'

/** The limits of channels. Equal ones in a row are the same object, because there may be very many channels. */
export class Limits {
  readonly #settings: HistorySettings
  #last: ChannelLimits | undefined

  constructor (settings: HistorySettings) {
    this.#settings = settings
  }

  /** The limits of the channel of that name. Throws what a function of the application throws. */
  of (name: string): ChannelLimits {
    const { historySize, historyAge, channelBytes, retain, slowConsumer } = this.#settings
    const limits = {
      size: historySize(name),
      age: historyAge(name),
      bytes: channelBytes,
      retain: retain(name),
      slowConsumer: slowConsumer(name)
    }
    if (this.#last === undefined || !isSame(limits, this.#last)) this.#last = limits
    return this.#last
  }
}

function isSame (a: ChannelLimits, b: ChannelLimits): boolean {
  return a.size === b.size && a.age === b.age && a.bytes === b.bytes && a.retain === b.retain &&
    a.slowConsumer === b.slowConsumer
}
