import type { Http2Session } from 'node:http2'
import type { Server, Socket } from 'node:net'
import type { FastifyRequest } from 'fastify'
import { withTimeout } from '../../util/promises.ts'
import { peerOf } from './dead-peers.ts'

/**
 * The HTTP/2 sessions that carry our connections, and their sockets: a server that closes waits for both, even if they
 * are idle.
 */
export class Http2Sessions {
  /** each session with its socket, where that is known */
  readonly #sessions = new Map<Http2Session, Socket | undefined>()
  readonly #sockets = new Map<string, Socket>()

  /**
   * Remembers the sockets of a server from now on. A session that is closed, or destroyed, still waits for its client
   * to close the connection (Node 20 to 26), and offers no way to its socket.
   */
  follow (server: Server): void {
    server.on('connection', (socket) => {
      const peer = peerOf(socket)
      this.#sockets.set(peer, socket)
      socket.once('close', () => { this.#sockets.delete(peer) })
    })
  }

  /** Remembers the session that this request came on, if any. */
  note (request: FastifyRequest): void {
    const session = sessionOf(request)
    if (session === undefined || this.#sessions.has(session)) return
    const socket = this.#sockets.get(peerOf(session.socket))
    this.#sessions.set(session, socket)
    whenClosed(session, socket, () => { this.#sessions.delete(session) })
  }

  /** Closes all sessions, and destroys those that are not closed after `ms` milliseconds, with their sockets. */
  async close (ms: number): Promise<void> {
    await Promise.all([...this.#sessions].map(([session, socket]) => closeSession(session, socket, ms)))
  }
}

function sessionOf ({ raw }: FastifyRequest): Http2Session | undefined {
  const stream: unknown = Reflect.get(raw, 'stream')
  if (typeof stream !== 'object' || stream === null) return undefined
  return Reflect.get(stream, 'session') as Http2Session | undefined
}

async function closeSession (session: Http2Session, socket: Socket | undefined, ms: number): Promise<void> {
  const closed = new Promise<void>((resolve) => { whenClosed(session, socket, resolve) })
  session.close()
  if (await withTimeout(closed, ms)) return
  session.destroy()
  socket?.destroy()
}

/** Calls back once both session and socket are closed. */
function whenClosed (session: Http2Session, socket: Socket | undefined, callback: () => void): void {
  const open = [session, socket].filter((one) => one !== undefined && !one.destroyed)
  let left = open.length
  for (const one of open) one?.once('close', () => { if (--left === 0) callback() })
}
