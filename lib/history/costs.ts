// What V8 needs in addition to the text: the message object, its id, two list slots; the channel, its name twice.
const MESSAGE_BYTES = 232
const CHANNEL_BYTES = 1024

/** The cost of a message in memory, in bytes. `dataBytes`: the size of its data as UTF-8. */
export function messageBytes (data: string, dataBytes: number): number {
  // V8 stores a string with one byte per character only if all of them are Latin-1. ASCII is what is cheap to detect.
  return MESSAGE_BYTES + (dataBytes === data.length ? data.length : 2 * data.length)
}

/** The cost in memory of a channel that has messages, in addition to them, in bytes. */
export function channelBytes (name: string): number {
  return CHANNEL_BYTES + 4 * name.length
}
