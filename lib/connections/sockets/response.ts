import { type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type Batch, type Bytes, bytesOf } from '../../transports/batch.ts'
import type { Peer } from './dead-peers.ts'
import { isGone } from './gone.ts'
import { acceptsGzip, Checksum, GZIP_HEADER } from '../../transports/gzip.ts'
import type { ConnectionSettings } from '../settings.ts'

type Raw = FastifyReply['raw']

/** What a stream writes to. */
export interface Response<T = Batch> {
  /** Writes a batch; returns how many bytes it takes. */
  write (batch: T): number
  /** Whether at most `maxBufferedBytes` are unsent; if not, wait with `onceReady`. */
  ready (): boolean
  /** Calls back once everything written so far has left. */
  onceReady (callback: () => void): void
  /** Ends the response after what was written. */
  end (): void
  /** Whether the client has left. */
  isGone (): boolean
  /** Ends it at once, whatever is unsent. */
  destroy (): void
  /** what carries it */
  readonly socket: Peer
}

/** Starts a stream: status, headers and the first batch. From here on the response is ours. */
export function streamResponse (request: FastifyRequest, reply: FastifyReply, first: Batch, settings: ConnectionSettings): Response {
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

/** Sends the head and the first bytes, past the response if that is possible, and then in one packet. */
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
 * Hands the head to the socket. Returns whether the socket has it, and so everything written to it from here on follows:
 * Node 26 keeps a head, with what is written through the response, until the next turn, and no property tells.
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
  // Ten unanswered probes, one a second, tell that the other side is gone: of a poll, to which nothing is sent while it is
  // held, and of a stream between two heartbeats. Each probe is a packet for each idle connection.
  raw.socket.setKeepAlive(true, Math.max(1000, heartbeatInterval / 2))
}

function vary (reply: FastifyReply): void {
  const given = reply.getHeader('vary')
  reply.header('vary', given === undefined ? 'accept-encoding' : `${String(given)}, accept-encoding`)
}

/**
 * The socket, where bytes may go past the response: it is HTTP/1.x, nobody has put himself before `write` (compression,
 * `inject`), and this response owns the socket. It saves a quarter of the cost of a write.
 */
function ownSocket (raw: Raw): Socket | undefined {
  const { socket } = raw
  const untouched = raw instanceof ServerResponse && raw.write === ServerResponse.prototype.write
  return untouched && socket instanceof Socket && Reflect.get(socket, '_httpMessage') === raw ? socket : undefined
}

function throughSocket (raw: Raw, socket: Socket, { maxBufferedBytes }: ConnectionSettings): Response<Bytes> {
  const form: keyof Bytes = raw.chunkedEncoding ? 'chunk' : 'body'
  return {
    // The result of write() tells only of the socket's own mark: ready() is asked instead.
    write (bytes) {
      // A chunk of no bytes would end the body.
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

// Below its mark a stream emits no "drain", though we may wait for less than that: an empty write tells as well.
function whenWritten (stream: Socket | Raw, callback: () => void): void {
  if (stream.writableNeedDrain) stream.once('drain', callback)
  else stream.write('', () => { callback() })
}

/** The same response, of which the gzip header and `first` have been sent. */
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
