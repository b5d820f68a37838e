import { channel as diagnosticsChannel } from 'node:diagnostics_channel'

const published = diagnosticsChannel('fastify-comet:publish')

/** `fastify-comet:connect`: a stream or a poll has begun. */
export const connectEvents = diagnosticsChannel('fastify-comet:connect')
/** `fastify-comet:disconnect`: a stream or a poll has ended. */
export const disconnectEvents = diagnosticsChannel('fastify-comet:disconnect')
/** `fastify-comet:gap`: a connection was sent a gap. */
export const gapEvents = diagnosticsChannel('fastify-comet:gap')

/** `fastify-comet:publish`: reports a message that this node has published. */
export function reportPublished (id: string, channel: string, data: string): void {
  if (published.hasSubscribers) published.publish({ id, channel, bytes: Buffer.byteLength(data) })
}
