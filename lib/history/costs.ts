// What V8 needs beside the text: the message object, its id, two list slots; the channel object with its name twice.
const MESSAGE_BYTES = 232
const CHANNEL_BYTES = 1024

/** What a message costs in memory, bytes; `dataBytes`: of its data as UTF-8. */
export function messageBytes (data: string, dataBytes: number): number {
  // V8 keeps a string with one byte a character only if all of them are Latin-1; ASCII is what can be told cheaply.
  return MESSAGE_BYTES + (dataBytes === data.length ? data.length : 2 * data.length)
}

/** What a channel that holds messages costs in memory beside them, bytes. */
export function channelBytes (name: string): number {
  return CHANNEL_BYTES + 4 * name.length
}
