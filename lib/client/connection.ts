// One connection, from its request to its end, whatever its transport.

import type { Frame, TransportName } from '../protocol.ts'
import { cometError } from './errors.ts'
import type { Stream } from './feed.ts'
import type { Settings } from './options.ts'
import { prepare, query, type Ask, type Prepared } from './request.ts'
import { TRANSPORTS } from './transports/index.ts'
import { broken, originOf, refused, type End, type RequestKind } from './transports/transport.ts'

export interface ConnectionHandlers {
  /** The request goes out. */
  opened (connection: Connection): void
  frame (connection: Connection, frame: Frame): void
  /** Called once at most; nothing is called after it. */
  ended (connection: Connection, end: End): void
}

export class Connection {
  readonly transport: TransportName
  readonly stream: Stream
  /** ms since the epoch: when the request went out, */
  openedAt = 0
  /** and when the first frame came, 0: none yet. */
  firstFrameAt = 0
  /** What came before it was the carrier. */
  held: Frame[] = []
  private readonly settings: Settings
  private readonly client: string
  private readonly handlers: ConnectionHandlers
  private isOpen = true
  private undo: (() => void) | null = null

  constructor (settings: Settings, client: string, transport: TransportName, stream: Stream, handlers: ConnectionHandlers) {
    this.settings = settings
    this.client = client
    this.transport = transport
    this.stream = stream
    this.handlers = handlers
  }

  start (): void {
    const { settings, stream } = this
    this.undo = TRANSPORTS[this.transport]({
      settings,
      cursor: stream.ask.cursor,
      joins: stream.joining.length > 0,
      prepare: (kind, cursor, ready) => { this.prepare(kind, cursor, ready) }
    }, {
      frame: (frame) => { this.receive(frame) },
      end: (end) => { this.end(end) }
    })
    if (!this.isOpen) this.undo()
  }

  close (): void {
    this.isOpen = false
    if (this.undo) this.undo()
  }

  private prepare (kind: RequestKind, cursor: string | null, ready: (prepared: Prepared) => void): void {
    const { settings, stream, transport } = this
    const { env } = settings
    // What joins is let in by one answer: asked again without `join`, it would be carried from the cursor on.
    if (kind === 'next' && stream.joining.length) return this.end(broken('not joined'))
    const page = env.location && env.location.protocol + '//' + env.location.host
    const origin = transport === 'iframe' && originOf(settings) !== page ? page : undefined
    const ask: Ask = kind === 'stream' ? stream.ask : { channels: stream.carried, join: [], history: [], cursor }
    prepare(settings, transport, query(ask, this.client, origin), (prepared) => {
      if (!this.isOpen) return
      if (kind !== 'next') this.openedAt = env.Date.now()
      ready(prepared)
      if (kind !== 'next') this.handlers.opened(this)
    }, (error) => {
      this.end({ kind: 'refused', error: cometError('COMET_ERR_CREDENTIALS', 'params or headers failed: ' + error), fatal: false })
    })
  }

  private receive (frame: Frame): void {
    if (!this.isOpen) return
    this.firstFrameAt = this.firstFrameAt || this.settings.env.Date.now()
    if (frame.type === 'error') this.end(refused(frame.statusCode, frame.code, frame.message))
    else if (frame.type !== 'close') this.handlers.frame(this, frame)
    else {
      const error = cometError('COMET_ERR_CLOSED', 'the server closed the connection: ' + frame.reason)
      this.end({ kind: 'close', error, fatal: frame.retry === undefined, retry: frame.retry })
    }
  }

  private end (end: End): void {
    if (!this.isOpen) return
    this.close()
    this.handlers.ended(this, end)
  }
}
