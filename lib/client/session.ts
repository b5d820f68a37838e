// One connection for all channels: does what the negotiation decides, and feeds what comes to the application.

import type { Frame, TransportName } from '../protocol.ts'
import { Connection } from './connection.ts'
import { usable } from './detect.ts'
import { attempt, type Env } from './env.ts'
import { cometError, type CometError } from './errors.ts'
import { Feed, type FeedSink } from './feed.ts'
import { watchLifecycle } from './lifecycle.ts'
import { recall, remember } from './memory.ts'
import { pick } from './moves.ts'
import { negotiate } from './negotiate.ts'
import { createNegotiation, type Action, type Negotiation, type NegotiationEvent, type Phase, type Reason, type Slot, type TimerName } from './negotiation.ts'
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

export class Session {
  protected readonly env: Env
  protected readonly settings: Settings
  private readonly sink: SessionSink
  private readonly client: string
  private readonly feed: Feed
  private readonly watchdog: Watchdog
  private readonly unwatch: () => void
  private readonly timers: { [name in TimerName | 'flush']?: number } = {}
  private negotiation: Negotiation
  private carrier: Connection | null = null
  private candidate: Connection | null = null
  private readonly events: NegotiationEvent[] = []
  private isBusy = false
  /** The channels that the last candidate would have let in. */
  private lastJoin: readonly string[] = []

  constructor (env: Env, settings: Settings, sink: SessionSink) {
    this.env = env
    this.settings = settings
    this.sink = sink
    this.client = createSecret(env)
    this.feed = new Feed(sink, settings.cursor)
    this.watchdog = new Watchdog(env, () => { this.dispatch({ type: 'silence' }) })
    this.unwatch = watchLifecycle(env, {
      wake: () => { this.dispatch({ type: 'wake' }) },
      offline: () => { this.dispatch({ type: 'offline' }) },
      visible: () => { if (this.watchdog.isDoubtful()) this.dispatch({ type: 'silence' }) },
      hide: () => { this.dispatch({ type: 'hide' }) }
    })
    const { firstFrameTimeout, upgrade } = settings
    const plan = { transports: usable(env, settings), canAsk: !!env.XMLHttpRequest, firstFrameTimeout, upgrade }
    this.negotiation = createNegotiation(plan, recall(env, settings.url))
  }

  get state (): Phase {
    return this.negotiation.phase
  }

  get transport (): TransportName | null {
    return this.negotiation.transport
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
    if (state === 'closed') return
    if (state === 'idle' && isWanted) this.start()
    else if (state !== 'idle' && !isWanted) {
      this.dispatch({ type: 'idle' })
      feed.reset()
    } else if (state === 'open' && carrier && !carrier.stream.joining.length && feed.differsFrom(carrier.stream)) {
      this.dispatch({ type: 'change' })
    }
  }

  private start (): void {
    if (this.negotiation.plan.transports.length) return this.dispatch({ type: 'start', positioned: this.cursor !== null })
    this.close()
    this.sink.error(cometError('COMET_ERR_NO_TRANSPORT', 'this browser has none of the transports ' + this.settings.transports.join(', ')))
  }

  private dispatch (event: NegotiationEvent): void {
    this.events.push(event)
    // What happens in the middle of a step waits for its end.
    if (this.isBusy) return
    this.isBusy = true
    for (let next = this.events.shift(); next; next = this.events.shift()) this.step(next)
    this.isBusy = false
  }

  private step (event: NegotiationEvent): void {
    const before = this.negotiation
    const [after, actions] = negotiate(before, event)
    this.negotiation = after
    if (after.phase !== 'open') this.watchdog.stop()
    actions.forEach((action) => { this.perform(action) })
    if (after.phase === 'closed') this.unwatch()
    this.log(event, actions)
    if (after.phase !== before.phase) this.sink.state(after.phase)
    if (after.carrier !== before.carrier && after.phase === 'open') remember(this.env, this.settings.url, pick(after))
    actions.forEach((action) => { this.tell(action) })
    this.release()
  }

  private perform (action: Action): void {
    if (action.do === 'open') this.open(action.slot, action.transport)
    else if (action.do === 'close') this.drop(action.slot)
    else if (action.do === 'adopt') this.adopt()
    else if (action.do === 'timer') {
      const { name, timer } = action
      this.setTimer(name, timer && timer[0] + this.env.Math.random() * timer[1], () => {
        if (name === 'change') this.flush()
        else this.dispatch({ type: 'timer', name })
      })
    }
  }

  /** What the application hears of, after all is done. */
  private tell (action: Action): void {
    const { sink } = this
    if (action.do === 'announce') sink.transport({ from: action.from, to: action.to, reason: action.reason })
    else if (action.do === 'fail') sink.error(action.error)
    else if (action.do === 'reject') {
      sink.error(action.error)
      this.feed.deny(this.lastJoin)
    }
  }

  private setTimer (name: TimerName | 'flush', ms: number | null, task: () => void): void {
    this.env.clearTimeout(this.timers[name])
    if (ms !== null) this.timers[name] = this.env.setTimeout(task, ms)
  }

  private open (slot: Slot, transport: TransportName): void {
    const stream = this.feed.ask()
    if (slot === 'candidate') {
      this.lastJoin = stream.joining
      this.feed.startBeside()
    }
    // Everything was denied meanwhile: there is nothing to ask for.
    if (!stream.carried.length) return this.flushLater()
    const connection = this[slot] = new Connection(this.env, this.settings, this.client, transport, stream, this)
    connection.start()
  }

  private drop (slot: Slot): void {
    const connection = this[slot]
    this[slot] = null
    if (slot === 'candidate') this.feed.forgetBeside()
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
    if (!carrier) return
    carrier.held.splice(0).forEach((frame) => { if (this.carrier === carrier) this.take(carrier, frame) })
  }

  private slotOf (connection: Connection): Slot {
    return connection === this.candidate ? 'candidate' : 'carrier'
  }

  opened (connection: Connection): void {
    this.dispatch({ type: 'opened', slot: this.slotOf(connection) })
  }

  frame (connection: Connection, frame: Frame): void {
    const slot = this.slotOf(connection)
    const { phase, useful, candidate } = this.negotiation
    const now = this.env.Date.now()
    if (slot === 'candidate') connection.held.push(frame)
    if (phase !== 'open' || !useful || candidate) {
      this.dispatch({
        type: 'frame',
        slot,
        useful: !frame.type || frame.type === 'heartbeat' || frame.type === 'gap',
        resumed: frame.type !== 'open' || frame.resumed,
        elapsed: now - connection.openedAt,
        waited: now - (this.carrier || connection).openedAt
      })
    }
    if (slot === 'carrier' && this.carrier === connection) this.take(connection, frame)
  }

  private take (connection: Connection, frame: Frame): void {
    const { stream } = connection
    const joining = stream.joining.length
    this.watchdog.heard(frame, connection.transport)
    this.feed.take(stream, frame)
    const isSettled = joining > 0 && !stream.joining.length
    if (this.candidate && (isSettled || frame.type === 'gap')) this.dispatch({ type: 'stale' })
    if (isSettled || frame.type === 'open' || frame.type === 'denied') this.flush()
  }

  ended (connection: Connection, end: End): void {
    const slot = this.slotOf(connection)
    this.drop(slot)
    if (end.error.code === 'COMET_ERR_CREDENTIALS') this.sink.error(end.error)
    this.dispatch({ type: 'end', slot, end, lived: connection.firstFrameAt && this.env.Date.now() - connection.firstFrameAt })
  }

  private log (event: NegotiationEvent, actions: readonly Action[]): void {
    const { env, settings } = this
    if (!settings.debug && attempt(() => (env.localStorage as Storage).getItem('comet')) !== 'debug') return
    const { phase, carrier, candidate } = this.negotiation
    env.console?.log('comet', phase, carrier?.transport, candidate?.purpose, JSON.stringify(event), JSON.stringify(actions))
  }
}
