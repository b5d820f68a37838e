import { channel as diagnosticsChannel } from 'node:diagnostics_channel'

const published = diagnosticsChannel('fastify-comet:publish')

/** Tells observers of a message that this node has published. */
export function tellPublished (id: string, channel: string, data: string): void {
  if (published.hasSubscribers) published.publish({ id, channel, bytes: Buffer.byteLength(data) })
}
