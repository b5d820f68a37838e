// One connection, from its request to its end, whatever its transport.

import type { CloseFrame, Frame, TransportName } from '../protocol.ts'
import { askCredentials } from './credentials.ts'
import type { Env } from './env.ts'
import { cometError } from './errors.ts'
import type { Stream } from './feed.ts'
import type { Settings } from './options.ts'
import { TRANSPORTS } from './transports/index.ts'
import { broken, refused, type End, type Prepared, type RequestKind } from './transports/transport.ts'
import { buildUrl, originOf, type Ask } from './url.ts'

export interface Connection {
  readonly transport: TransportName
  readonly stream: Stream
  /** ms since the epoch */
  openedAt: number
  /** ms since the epoch, 0: none yet */
  firstFrameAt: number
  /** What came before it was the carrier. */
  held: Frame[]
  start (): void
  close (): void
}

export interface ConnectionHandlers {
  /** The request goes out. */
  opened (): void
  frame (frame: Frame): void
  /** Called once at most; nothing is called after it. */
  end (end: End): void
}

export function connect (env: Env, settings: Settings, client: string, transport: TransportName, stream: Stream, handlers: ConnectionHandlers): Connection {
  const origin = originOf(env, settings.url)
  const crossOrigin = transport === 'iframe' && origin !== originOf(env, '') && originOf(env, '')
  let isOpen = true
  let undo: (() => void) | null = null
  const connection: Connection = { transport, stream, openedAt: env.now(), firstFrameAt: 0, held: [], start, close }
  return connection

  function start () {
    undo = TRANSPORTS[transport](env, {
      cursor: stream.ask.cursor,
      joins: stream.joining.length > 0,
      withCredentials: settings.withCredentials,
      origin,
      readByFetch: !!settings.headers,
      prepare
    }, { frame: receive, end })
    if (!isOpen) undo()
  }

  function prepare (kind: RequestKind, cursor: string | null, ready: (prepared: Prepared) => void) {
    // What joins must be let in by one answer: asked again without `join`, it would be carried from the cursor on.
    if (kind === 'next' && stream.joining.length) return end(broken('the channels were not joined'))
    askCredentials(settings, function (credentials) {
      if (!isOpen) return
      const url = buildUrl(settings.url, transport, askFor(kind, cursor), credentials.params, { client, origin: crossOrigin || undefined })
      connection.openedAt = connection.firstFrameAt ? connection.openedAt : env.now()
      ready({ url, headers: credentials.headers })
      if (kind !== 'next') handlers.opened()
    }, function (error) { end(broken('params or headers failed: ' + error)) })
  }

  function askFor (kind: RequestKind, cursor: string | null): Ask {
    return kind === 'stream' ? stream.ask : { channels: stream.carried, join: [], history: [], cursor }
  }

  function receive (frame: Frame) {
    if (!isOpen) return
    if (frame.type === 'close') end(closedBy(frame))
    else if (frame.type === 'error') end(refused(frame.statusCode, frame.code, frame.message))
    else handlers.frame(frame)
  }

  function end (cause: End) {
    if (!isOpen) return
    close()
    handlers.end(cause)
  }

  function close () {
    isOpen = false
    if (undo) undo()
  }
}

function closedBy (frame: CloseFrame): End {
  const error = cometError('COMET_ERR_CLOSED', 'the server closed the connection: ' + frame.reason)
  return { kind: 'close', error, fatal: frame.retry === undefined, retry: frame.retry }
}
