import type { ChannelLimits } from './channel.ts'
import type { Options } from '../plugin/options.ts'

/** The limits of channels. Of those asked for one after the other, equal ones are one object: channels may be very many. */
export class Limits {
  readonly #options: Options
  #last: ChannelLimits | undefined

  constructor (options: Options) {
    this.#options = options
  }

  /** Throws what a function of the application throws. */
  of (name: string): ChannelLimits {
    const { historySize, historyAge, channelBytes, retain, slowConsumer } = this.#options
    const limits = { size: historySize(name), age: historyAge(name), bytes: channelBytes, retain: retain(name), slowConsumer: slowConsumer(name) }
    if (this.#last === undefined || !isSame(limits, this.#last)) this.#last = limits
    return this.#last
  }
}

function isSame (a: ChannelLimits, b: ChannelLimits): boolean {
  return a.size === b.size && a.age === b.age && a.bytes === b.bytes && a.retain === b.retain && a.slowConsumer === b.slowConsumer
}
