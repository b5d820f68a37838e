// One connection for all channels: does what the negotiation decides, and feeds what comes to the application.

import type { Frame } from '../protocol/wire.ts'
import type { Emit } from './events.ts'
import { connect, type Connection, type ConnectionHandlers } from './connection/connection.ts'
import { createWarner, logStep } from './debug.ts'
import { networkFailure, type ConnectionFailure } from './connection/failure.ts'
import { cometError, type CometError } from './errors.ts'
import { Feed } from './delivery/feed.ts'
import { watchPage } from './browser/page-events.ts'
import type { Subscriber } from './delivery/subscriber.ts'
import type { Link } from './link.ts'
import { recall, remember } from './browser/transport-memory.ts'
import { createNegotiation, pick, rankOf } from './negotiation/steps.ts'
import { negotiate } from './negotiation/transitions.ts'
import type { Line, Negotiation, NegotiationEvent, Timer } from './negotiation/state.ts'
import type { Settings } from './options.ts'
import { Reachability } from './connection/reachability.ts'
import { randomId } from './browser/random-id.ts'
import { usable } from './connection/transports/index.ts'
import { createWatchdog, type Watchdog } from './browser/watchdog.ts'

/** ms that a poll's answer may be late */
const POLL_GRACE = 5000

export class Session implements Link, ConnectionHandlers {
  private readonly settings: Settings
  private readonly emit: Emit
  private readonly client: string
  private readonly feed: Feed
  private readonly unwatch: () => void
  private readonly watchdog: Watchdog
  private readonly reachability: Reachability
  private readonly warn: (error: CometError) => void
  private readonly events: NegotiationEvent[] = []
  private plan: Negotiation
  private carrier: Connection | null | undefined
  private candidate: Connection | null | undefined
  /** The carrier's, and the candidate's. */
  private readonly timers: (number | undefined)[] = []
  /** ms that they were set to */
  private readonly delays: number[] = []
  private flushTimer: number | undefined

  constructor (settings: Settings, emit: Emit) {
    const { env } = settings
    this.settings = settings
    this.emit = emit
    this.client = randomId(env)
    this.reachability = new Reachability(settings)
    this.warn = createWarner(settings)
    this.feed = new Feed(settings, emit, () => { this.flushLater() })
    this.plan = createNegotiation(usable(settings), settings.firstFrameTimeout, settings.upgrade, recall(settings))
    this.watchdog = createWatchdog(env, () => { this.dispatch({ type: 'silence' }) })
    this.unwatch = watchPage(env, (type) => {
      if (type !== 'silence' || this.watchdog.isDoubtful()) this.dispatch({ type })
    })
  }

  at (): string | null {
    return this.feed.position
  }

  subscribe (seat: Subscriber): () => void {
    return this.feed.subscribe(seat)
  }

  close (): void {
    this.dispatch({ type: 'stop' })
  }

  private flushLater (): void {
    const { env } = this.settings
    env.clearTimeout(this.flushTimer)
    this.flushTimer = env.setTimeout(() => { this.flush() })
  }

  /** Brings what is carried in line with what is wanted: all the changes of a task at once. */
  private flush (): void {
    const { feed, carrier, plan } = this
    const isIdle = plan.phase === 'idle'
    if (!feed.channels().length) {
      if (isIdle) return
      this.dispatch({ type: 'idle' })
      feed.reset()
    } else if (isIdle && !plan.transports.length) {
      this.dispatch({ type: 'fault', end: { error: cometError('COMET_ERR_NO_TRANSPORT', 'this browser has none of the transports ' + this.settings.transports.join(', ')), fatal: true } })
    } else if (isIdle || (carrier && !carrier.channelSet.joining.length && feed.differsFrom(carrier.channelSet))) this.dispatch({ type: 'change' })
  }

  /** What happens in the middle of a step waits for its end. */
  private dispatch (event: NegotiationEvent): void {
    const { events } = this
    if (events.push(event) > 1) return
    for (; events[0]; events.shift()) {
      try {
        this.step(events[0])
      } catch (reason) {
        this.stumble(events[0], reason)
      }
    }
  }

  private step (event: NegotiationEvent): void {
    const { plan, candidate } = this
    this.plan = negotiate(plan, event)
    logStep(this.settings, event, this.plan)
    this.carryOut(plan)
    this.tell(plan, candidate)
    this.release()
  }

  /** What is open and what is planned may differ now: everything is closed, and opened again later. Where that fails too, it is over. */
  private stumble (event: NegotiationEvent, reason: unknown): void {
    const error = cometError('COMET_ERR_INTERNAL', 'the client has stumbled: ' + reason)
    if (event.type !== 'fault') this.dispatch({ type: 'fault', end: { error, fatal: false } })
    else if (!event.end.fatal) this.dispatch({ type: 'fault', end: { error, fatal: true } })
    else this.emit('error', error)
  }

  /** Closes, opens and starts what the plan has and has not. */
  private carryOut (before: Negotiation): void {
    const { plan, carrier, candidate } = this
    if (plan.carrier !== (carrier ? carrier.line : null)) {
      if (carrier) carrier.close()
      this.watchdog.stop()
      const isAdopted = candidate && candidate.line === plan.carrier
      if (isAdopted) this.candidate = null
      this.carrier = isAdopted ? candidate : this.open(plan.carrier)
    }
    const now = this.candidate
    if (plan.candidate !== (now ? now.line : null)) {
      if (now) now.close()
      this.candidate = this.open(plan.candidate)
    }
    this.feed.candidate = this.candidate ? this.candidate.channelSet : null
    this.setTimer(0, before.carrierTimer, plan.carrierTimer)
    this.setTimer(1, before.candidateTimer, plan.candidateTimer)
  }

  /** What the application hears of, after all is done. */
  private tell (before: Negotiation, candidate: Connection | null | undefined): void {
    const { emit, plan } = this
    const { phase, transport: to, error } = plan
    const from = before.transport
    const failure = plan.failure === before.failure ? null : plan.failure
    if (phase === 'closed') this.unwatch()
    if (error) this.describe(error)
    else if (failure) this.describe(failure, this.delays[phase === 'open' ? 1 : 0])
    if (to && to !== from) {
      const isLesser = rankOf(plan, to) > (from ? rankOf(plan, from) : 0)
      emit('transport', { from, to, reason: isLesser ? 'fallback' : from ? 'upgrade' : 'start' })
    }
    if (phase !== before.phase) emit('state', phase, error || plan.failure)
    if (phase === 'open' && plan.carrier !== before.carrier) remember(this.settings, pick(plan))
    if (error || failure) emit('error', (error || failure) as CometError)
    if (error && phase !== 'closed' && candidate) this.feed.deny(candidate.channelSet.joining)
  }

  /** Adds to an error what becomes of it: the client comes back after so many ms, or not at all. */
  private describe (error: CometError, retryIn?: number): void {
    error.retrying = retryIn !== undefined
    if (retryIn !== undefined) error.retryIn = Math.round(retryIn)
    this.warn(error)
  }

  private setTimer (slot: number, before: Timer | null, timer: Timer | null): void {
    const { env } = this.settings
    if (timer === before) return
    env.clearTimeout(this.timers[slot])
    if (!timer) return
    const [name, after, spread] = timer
    const delay = this.delays[slot] = after + env.Math.random() * (spread || 0)
    this.timers[slot] = env.setTimeout(() => {
      this.dispatch({ type: 'timer', name })
      if (name === 'next') this.flush()
    }, delay)
  }

  private open (line: Line | null): Connection | null {
    if (!line) return null
    const { settings, client, feed } = this
    const connection: Connection = { line, channelSet: feed.nextChannelSet(), held: [], close: () => {} }
    // Everything was denied meanwhile: there is nothing to ask for.
    if (connection.channelSet.carried.length) connect(settings, client, connection, this)
    else this.flushLater()
    return connection
  }

  private isCandidate ({ line }: Connection): boolean {
    return line === this.plan.candidate
  }

  opened (connection: Connection): void {
    this.dispatch({ type: 'opened', isCandidate: this.isCandidate(connection), positioned: !!connection.channelSet.request.cursor })
  }

  frame (connection: Connection, frame: Frame): void {
    const { phase, useful } = this.plan
    connection.held.push(frame)
    this.reachability.reset()
    if (phase === 'open' && useful && !this.candidate) return this.release()
    const isOpening = frame.type === 'open'
    const elapsed = this.settings.env.Date.now() - (connection.openedAt as number)
    this.dispatch({ type: 'frame', isCandidate: this.isCandidate(connection), useful: !isOpening, resumed: !isOpening || frame.resumed, elapsed })
  }

  /** Takes in what the carrier has delivered, as a candidate too. */
  private release (): void {
    const { carrier } = this
    if (carrier) carrier.held.splice(0).forEach((frame) => { if (this.carrier === carrier) this.take(carrier, frame) })
  }

  private take (carrier: Connection, frame: Frame): void {
    const { channelSet, line } = carrier
    this.watchdog.touch(frame.type === 'open' ? line.transport === 'long-poll' ? frame.poll + POLL_GRACE : 2 * frame.heartbeat : 0)
    if (!this.feed.receive(channelSet, frame)) carrier.close(networkFailure())
  }

  ended (connection: Connection, end: ConnectionFailure): void {
    this.dispatch({ type: 'end', isCandidate: this.isCandidate(connection), end: this.reachability.name(end) })
  }
}
