import { type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Batch, type Bytes, bytesOf } from '../../transports/batch.ts'
import type { Peer } from './dead-peers.ts'
import { isGone } from './gone.ts'
import { acceptsGzip, Checksum, GZIP_HEADER } from '../../transports/gzip.ts'
import type { ConnectionSettings } from '../settings.ts'

type Raw = FastifyReply['raw']

/** The response of a stream. */
export interface Response<T = Batch> {
  /** Writes a batch; returns the number of bytes that this takes. */
  write (batch: T): number
  /** Whether at most `maxBufferedBytes` are unsent; if not, wait with `onceReady`. */
  ready (): boolean
  /** Calls back once everything written so far has left. */
  onceReady (callback: () => void): void
  /** Ends the response after what was written. */
  end (): void
  /** Whether the client has left. */
  isGone (): boolean
  /** Ends the response immediately, whatever is unsent. */
  destroy (): void
  /** the socket that carries it */
  readonly socket: Peer
}

/** Starts a stream: sends status, headers and the first batch. From then on, Fastify leaves the response to us. */
export function streamResponse (
  request: FastifyRequest, reply: FastifyReply, first: Batch, settings: ConnectionSettings
): Response {
  const gzip = settings.compress && acceptsGzip(request.headers['accept-encoding'])
  if (settings.compress) vary(reply)
  if (gzip) reply.header('content-encoding', 'gzip')
  reply.hijack()
  const { raw } = reply
  keepOpen(raw, settings)
  raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  const response = start(raw, gzip ? bytesOf(Buffer.concat([GZIP_HEADER, first.deflated.body])) : first, settings)
  return gzip ? gzipped(response, first) : response
}

/** Sends the head and the first bytes: past the response if possible, and then in one packet. */
function start (raw: Raw, first: Bytes, settings: ConnectionSettings): Response<Bytes> {
  const socket = ownSocket(raw)
  socket?.cork()
  try {
    const isPast = socket !== undefined && flushHead(raw, socket)
    const response = isPast ? throughSocket(raw, socket, settings) : throughResponse(raw, settings)
    response.write(first)
    return response
  } finally {
    socket?.uncork()
  }
}

/**
 * Writes the head to the socket. Returns whether the socket has it, so that bytes written to it from now on follow the
 * head. Node 26 retains a head, with everything written through the response, until the next tick, and no property
 * shows it.
 */
function flushHead (raw: Raw, socket: Socket): boolean {
  const before = socket.bytesWritten
  raw.flushHeaders()
  return socket.bytesWritten > before
}

/** Keeps the server's idle timeout from ending a response that is silent on purpose. */
export function keepOpen (raw: Raw, { heartbeatInterval }: ConnectionSettings): void {
  if (!(raw instanceof ServerResponse && raw.socket instanceof Socket)) return
  raw.socket.setTimeout(0)
  // After ten unanswered probes, one a second, the other side counts as gone: that of a held poll, to which nothing is
  // sent, and that of a stream between two heartbeats. Each probe is a packet for each idle connection.
  raw.socket.setKeepAlive(true, Math.max(1000, heartbeatInterval / 2))
}

function vary (reply: FastifyReply): void {
  const given = reply.getHeader('vary')
  reply.header('vary', given === undefined ? 'accept-encoding' : `${String(given)}, accept-encoding`)
}

/**
 * The socket, if bytes may go past the response: the protocol is HTTP/1.x, nothing has wrapped `write` (compression,
 * `inject`), and the response owns the socket. That saves a quarter of the cost of a write.
 */
function ownSocket (raw: Raw): Socket | undefined {
  const { socket } = raw
  const untouched = raw instanceof ServerResponse && raw.write === ServerResponse.prototype.write
  return untouched && socket instanceof Socket && Reflect.get(socket, '_httpMessage') === raw ? socket : undefined
}

function throughSocket (raw: Raw, socket: Socket, { maxBufferedBytes }: ConnectionSettings): Response<Bytes> {
  const form: keyof Bytes = raw.chunkedEncoding ? 'chunk' : 'body'
  return {
    // The result of write() is about the socket's own high-water mark: ready() is about ours.
    write (bytes) {
      // An empty chunk would end the body.
      if (bytes.body.length > 0) socket.write(bytes[form])
      return bytes.body.length
    },
    ready: () => socket.writableLength <= maxBufferedBytes,
    onceReady: (callback) => { whenWritten(socket, callback) },
    end: () => { raw.end() },
    isGone: () => socket.destroyed,
    destroy: () => { socket.destroy() },
    socket
  }
}

function throughResponse (raw: Raw, { maxBufferedBytes }: ConnectionSettings): Response<Bytes> {
  return {
    write ({ body }) {
      raw.write(body)
      return body.length
    },
    ready: () => raw.writableLength <= maxBufferedBytes,
    onceReady: (callback) => { whenWritten(raw, callback) },
    end: () => { raw.end() },
    isGone: () => isGone(raw),
    destroy: () => { raw.destroy() },
    socket: raw.req.socket
  }
}

// Below its high-water mark a stream emits no "drain", though our limit may be lower: an empty write calls back then.
function whenWritten (stream: Socket | Raw, callback: () => void): void {
  if (stream.writableNeedDrain) stream.once('drain', callback)
  else stream.write('', () => { callback() })
}

/** The same response with compression; the gzip header and `first` have been sent. */
function gzipped (response: Response<Bytes>, first: Batch): Response {
  const checksum = new Checksum()
  checksum.add(first.deflated)
  return {
    ...response,
    write (batch) {
      checksum.add(batch.deflated)
      return response.write(batch.deflated)
    },
    end () {
      response.write(bytesOf(checksum.trailer()))
      response.end()
    }
  }
}
