import { type OutgoingHttpHeaders, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'
import type { Batch } from './batch.ts'
import type { Options } from './options.ts'

/** What a stream writes to. */
export interface Response {
  write (batch: Batch): void
  /** Whether at most `maxBufferedBytes` are unsent; if not, wait with `onceReady`. */
  ready (): boolean
  /** Calls back once everything written so far has left. */
  onceReady (callback: () => void): void
  /** Ends the response after what was written. */
  end (): void
  /** Ends it at once, whatever is unsent. */
  destroy (): void
}

/** Starts a stream: status, headers and the first bytes. From here on the response is ours. */
export function streamResponse (reply: FastifyReply, first: Batch, { maxBufferedBytes, heartbeatInterval }: Options): Response {
  reply.hijack()
  const { raw } = reply
  if (raw instanceof ServerResponse) prepare(raw.socket, heartbeatInterval)
  raw.writeHead(reply.statusCode, reply.getHeaders() as OutgoingHttpHeaders)
  raw.write(first.body)
  const socket = ownSocket(raw)
  return socket === undefined ? throughResponse(raw, maxBufferedBytes) : throughSocket(raw, socket, maxBufferedBytes)
}

// Ten unanswered probes, one a second, tell that the other side is gone: before the next heartbeat, since data that
// nobody acknowledges suspends them.
function prepare (socket: Socket | null, heartbeatInterval: number): void {
  socket?.setTimeout(0)
  socket?.setKeepAlive(true, Math.min(4000, Math.max(1000, heartbeatInterval / 5)))
}

/**
 * The socket, where bytes may go past the response: it is HTTP/1.x, nobody has put himself before `write` (compression,
 * `inject`), and this response owns the socket (a pipelined one does not yet). It saves a quarter of the cost of a write.
 */
function ownSocket (raw: FastifyReply['raw']): Socket | undefined {
  const { socket } = raw
  const plain = raw instanceof ServerResponse && raw.write === ServerResponse.prototype.write
  return plain && socket instanceof Socket && Reflect.get(socket, '_httpMessage') === raw ? socket : undefined
}

function throughSocket (raw: FastifyReply['raw'], socket: Socket, maxBufferedBytes: number): Response {
  const bytes: 'chunk' | 'body' = raw.chunkedEncoding ? 'chunk' : 'body'
  return {
    // The result of write() tells only of the socket's own mark: ready() is asked instead.
    write: (batch) => { socket.write(batch[bytes]) },
    ready: () => socket.writableLength <= maxBufferedBytes,
    onceReady: (callback) => { whenWritten(socket, callback) },
    end: () => { raw.end() },
    destroy: () => { socket.destroy() }
  }
}

function throughResponse (raw: FastifyReply['raw'], maxBufferedBytes: number): Response {
  return {
    write: (batch) => { raw.write(batch.body) },
    ready: () => raw.writableLength <= maxBufferedBytes,
    onceReady: (callback) => { whenWritten(raw, callback) },
    end: () => { raw.end() },
    destroy: () => { raw.destroy() }
  }
}

// Below its mark a stream emits no "drain", though we may wait for less than that: an empty write tells as well.
function whenWritten (stream: Socket | FastifyReply['raw'], callback: () => void): void {
  if (stream.writableNeedDrain) stream.once('drain', callback)
  else stream.write('', () => { callback() })
}
