import type { Http2Session } from 'node:http2'
import type { FastifyRequest } from 'fastify'

/** The HTTP/2 sessions that carried our streams: a server waits for them when it closes, even if they are idle. */
export class Sessions {
  readonly #sessions = new Set<Http2Session>()

  /** Remembers the session that this request came on, if any. */
  note (request: FastifyRequest): void {
    const session = sessionOf(request)
    if (session === undefined || this.#sessions.has(session)) return
    this.#sessions.add(session)
    session.once('close', () => { this.#sessions.delete(session) })
  }

  /** Closes them all, and destroys those that are not closed after `ms`. */
  async close (ms: number): Promise<void> {
    await Promise.all([...this.#sessions].map((session) => closeSession(session, ms)))
  }
}

function sessionOf ({ raw }: FastifyRequest): Http2Session | undefined {
  const stream: unknown = Reflect.get(raw, 'stream')
  return typeof stream === 'object' && stream !== null ? Reflect.get(stream, 'session') as Http2Session | undefined : undefined
}

function closeSession (session: Http2Session, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => { session.destroy() }, ms)
    session.once('close', () => {
      clearTimeout(timer)
      resolve()
    })
    session.close()
  })
}
