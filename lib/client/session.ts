// One connection for all channels: does what the negotiation decides, and feeds what comes to the application.

import type { Frame, TransportName } from '../protocol.ts'
import { delay } from './backoff.ts'
import { Connection } from './connection.ts'
import { usable } from './detect.ts'
import { cometError, type CometError } from './errors.ts'
import { Feed, type FeedSink } from './feed.ts'
import { watchLifecycle } from './lifecycle.ts'
import { recall, remember } from './memory.ts'
import { pick } from './moves.ts'
import { createNegotiation, type Action, type Negotiation, type NegotiationEvent, type Phase, type Reason, type Slot, type TimerName } from './negotiation.ts'
import { Negotiator } from './negotiator.ts'
import type { Settings } from './options.ts'
import { createSecret } from './secret.ts'
import type { End } from './transports/transport.ts'
import { Watchdog } from './watchdog.ts'

/** How the transport changed, and why. */
export interface TransportChange {
  from: TransportName | null
  to: TransportName
  reason: Reason
}

export interface SessionSink extends FeedSink {
  state (state: Phase): void
  transport (change: TransportChange): void
  error (error: CometError): void
}

type Timer = TimerName | 'flush'

/** ms that a poll's answer may be late */
const POLL_GRACE = 5000

export class Session {
  protected readonly settings: Settings
  private readonly sink: SessionSink
  private readonly client: string
  private readonly feed: Feed
  private readonly unwatch: () => void
  private readonly timers: { [name in Timer]?: number } = {}
  private readonly negotiator: Negotiator
  private carrier: Connection | null = null
  private candidate: Connection | null = null
  private readonly watchdog: Watchdog
  /** The channels that the last candidate would have let in. */
  private lastJoin: readonly string[] = []

  constructor (settings: Settings, sink: SessionSink) {
    this.settings = settings
    this.sink = sink
    this.client = createSecret(settings.env)
    this.feed = new Feed(sink, settings.cursor)
    this.watchdog = new Watchdog(settings.env, () => { this.dispatch({ type: 'silence' }) })
    this.unwatch = watchLifecycle(settings.env, (type) => {
      if (type !== 'silence' || this.watchdog.isDoubtful()) this.dispatch({ type })
    })
    const negotiation = createNegotiation(usable(settings), settings.firstFrameTimeout, settings.upgrade, recall(settings))
    this.negotiator = new Negotiator(settings, negotiation, (actions, before, after) => { this.step(actions, before, after) })
  }

  get state (): Phase {
    return this.negotiator.state.phase
  }

  get transport (): TransportName | null {
    return this.negotiator.state.transport
  }

  get cursor (): string | null {
    return this.feed.position
  }

  want (channel: string, history: number): void {
    this.feed.want(channel, history)
    this.flushLater()
  }

  unwant (channel: string): void {
    this.feed.unwant(channel)
    this.flushLater()
  }

  close (): void {
    this.dispatch({ type: 'stop' })
  }

  private flushLater (): void {
    this.setTimer('flush', 0, () => { this.flush() })
  }

  /** Brings what is carried in line with what is wanted: all the changes of a task at once. */
  private flush (): void {
    const { feed, carrier, state } = this
    const isWanted = feed.wants().length > 0
    if (state === 'idle') {
      if (isWanted) this.start()
    } else if (!isWanted) {
      this.dispatch({ type: 'idle' })
      feed.reset()
    } else if (carrier && !carrier.stream.joining.length && feed.differsFrom(carrier.stream)) this.dispatch({ type: 'change' })
  }

  private start (): void {
    if (this.negotiator.state.transports.length) return this.dispatch({ type: 'start', positioned: this.cursor !== null })
    this.close()
    this.sink.error(cometError('COMET_ERR_NO_TRANSPORT', 'no transport can be used'))
  }

  private dispatch (event: NegotiationEvent): void {
    this.negotiator.dispatch(event)
  }

  private step (actions: readonly Action[], before: Negotiation, after: Negotiation): void {
    const { phase } = after
    actions.forEach((action) => { this.perform(action) })
    if (phase === 'closed') this.unwatch()
    if (phase !== before.phase) this.sink.state(phase)
    if (phase === 'open' && after.carrier !== before.carrier) remember(this.settings, pick(after))
    actions.forEach((action) => { this.tell(action) })
    this.release()
  }

  private perform (action: Action): void {
    if (action.do === 'open') this.open(action.slot, action.transport)
    else if (action.do === 'close') this.drop(action.slot)
    else if (action.do === 'adopt') this.adopt()
    else if (action.do === 'timer') {
      const { name, timer } = action
      this.setTimer(name, timer && delay(timer[0], timer[1], this.settings.env.Math.random), () => {
        if (name === 'change') this.flush()
        else this.dispatch({ type: 'timer', name })
      })
    }
  }

  /** What the application hears of, after all is done. */
  private tell (action: Action): void {
    const { sink } = this
    if (action.do === 'announce') sink.transport({ from: action.from, to: action.to, reason: action.reason })
    else if (action.do === 'fail' || action.do === 'reject') sink.error(action.error)
    if (action.do === 'reject') this.feed.deny(this.lastJoin)
  }

  private setTimer (name: Timer, ms: number | null, task: () => void): void {
    const { env } = this.settings
    env.clearTimeout(this.timers[name])
    if (ms !== null) this.timers[name] = env.setTimeout(task, ms)
  }

  private open (slot: Slot, transport: TransportName): void {
    const stream = this.feed.ask(slot === 'candidate')
    if (slot === 'candidate') this.lastJoin = stream.joining
    // Everything was denied meanwhile: there is nothing to ask for.
    if (!stream.carried.length) return this.flushLater()
    const connection = this[slot] = new Connection(this.settings, this.client, transport, stream, this)
    connection.start()
  }

  private drop (slot: Slot): void {
    const connection = this[slot]
    this[slot] = null
    if (slot === 'candidate') this.feed.forgetBeside()
    else this.watchdog.stop()
    if (connection) connection.close()
  }

  private adopt (): void {
    const { candidate } = this
    this.candidate = null
    this.feed.overtake()
    this.drop('carrier')
    this.carrier = candidate
  }

  /** Takes in what the carrier delivered while it was a candidate. */
  private release (): void {
    const { carrier } = this
    if (carrier) carrier.held.splice(0).forEach((frame) => { if (this.carrier === carrier) this.take(carrier, frame) })
  }

  private slotOf (connection: Connection): Slot {
    return connection === this.candidate ? 'candidate' : 'carrier'
  }

  opened (connection: Connection): void {
    this.dispatch({ type: 'opened', slot: this.slotOf(connection) })
  }

  frame (connection: Connection, frame: Frame): void {
    const slot = this.slotOf(connection)
    const { phase, useful, candidate } = this.negotiator.state
    const now = this.settings.env.Date.now()
    const isUseful = !frame.type || frame.type === 'heartbeat' || frame.type === 'gap'
    if (slot === 'candidate') connection.held.push(frame)
    if (phase !== 'open' || !useful || candidate) {
      this.dispatch({
        type: 'frame',
        slot,
        useful: isUseful,
        resumed: frame.type !== 'open' || frame.resumed,
        elapsed: now - connection.openedAt,
        waited: now - (this.carrier || connection).openedAt
      })
    }
    if (slot === 'carrier' && this.carrier === connection) this.take(connection, frame)
  }

  private take ({ stream, transport }: Connection, frame: Frame): void {
    const wasJoining = stream.joining.length
    this.watchdog.heard()
    if (frame.type === 'open') this.watchdog.start(transport === 'long-poll' ? frame.poll + POLL_GRACE : 2 * frame.heartbeat)
    this.feed.take(stream, frame)
    const isSettled = wasJoining && !stream.joining.length
    if (this.candidate && (isSettled || frame.type === 'gap')) this.dispatch({ type: 'stale' })
    if (isSettled || frame.type === 'open' || frame.type === 'denied') this.flush()
  }

  ended (connection: Connection, end: End): void {
    const slot = this.slotOf(connection)
    this.drop(slot)
    if (end.error.code === 'COMET_ERR_CREDENTIALS') this.sink.error(end.error)
    this.dispatch({ type: 'end', slot, end, lived: connection.firstFrameAt && this.settings.env.Date.now() - connection.firstFrameAt })
  }
}
