// One connection for all channels: does what the negotiation decides, and feeds what comes to the application.

import type { Frame } from '../protocol.ts'
import type { Emit } from './events.ts'
import { connect, type Connection, type ConnectionHandlers } from './connection.ts'
import { log } from './debug.ts'
import { broken, type End } from './end.ts'
import { cometError } from './errors.ts'
import { Feed } from './feed.ts'
import { watchLifecycle } from './lifecycle.ts'
import type { Link, Seat } from './link.ts'
import { recall, remember } from './memory.ts'
import { createNegotiation, pick, rankOf } from './moves.ts'
import { negotiate } from './negotiate.ts'
import type { Line, Negotiation, NegotiationEvent, Timer } from './negotiation.ts'
import type { Settings } from './options.ts'
import { createSecret } from './secret.ts'
import { usable } from './transports/index.ts'
import { createWatchdog, type Watchdog } from './watchdog.ts'

/** ms that a poll's answer may be late */
const POLL_GRACE = 5000

export class Session implements Link, ConnectionHandlers {
  private readonly settings: Settings
  private readonly emit: Emit
  private readonly client: string
  private readonly feed: Feed
  private readonly unwatch: () => void
  private readonly watchdog: Watchdog
  private readonly events: NegotiationEvent[] = []
  private plan: Negotiation
  private carrier: Connection | null | undefined
  private candidate: Connection | null | undefined
  /** The carrier's, and the candidate's. */
  private readonly timers: (number | undefined)[] = []
  private flushTimer: number | undefined

  constructor (settings: Settings, emit: Emit) {
    const { env } = settings
    this.settings = settings
    this.emit = emit
    this.client = createSecret(env)
    this.feed = new Feed(settings, emit, () => { this.flushLater() })
    this.plan = createNegotiation(usable(settings), settings.firstFrameTimeout, settings.upgrade, recall(settings))
    this.watchdog = createWatchdog(env, () => { this.dispatch({ type: 'silence' }) })
    this.unwatch = watchLifecycle(env, (type) => {
      if (type !== 'silence' || this.watchdog.isDoubtful()) this.dispatch({ type })
    })
  }

  at (): string | null {
    return this.feed.position
  }

  subscribe (seat: Seat): () => void {
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
    if (!feed.wants().length) {
      if (isIdle) return
      this.dispatch({ type: 'idle' })
      feed.reset()
    } else if (isIdle && !plan.transports.length) {
      this.close()
      this.emit('error', cometError('COMET_ERR_NO_TRANSPORT', 'no transport'))
    } else if (isIdle || (carrier && !carrier.stream.joining.length && feed.differsFrom(carrier.stream))) this.dispatch({ type: 'change' })
  }

  /** What happens in the middle of a step waits for its end. */
  private dispatch (event: NegotiationEvent): void {
    const { events } = this
    if (events.push(event) > 1) return
    for (; events[0]; events.shift()) {
      const { plan, candidate } = this
      this.plan = negotiate(plan, events[0])
      log(this.settings, events[0], this.plan)
      this.carryOut(plan)
      this.tell(plan, candidate)
      this.release()
    }
  }

  /** Closes, opens and starts what the plan has and has not. */
  private carryOut (before: Negotiation): void {
    const { plan, carrier, candidate } = this
    if (plan.carrier !== before.carrier) {
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
    this.setTimer(0, before.carrierTimer, plan.carrierTimer)
    this.setTimer(1, before.candidateTimer, plan.candidateTimer)
  }

  /** What the application hears of, after all is done. */
  private tell (before: Negotiation, candidate: Connection | null | undefined): void {
    const { emit, plan } = this
    const { phase, transport: to, error } = plan
    const from = before.transport
    if (phase === 'closed') this.unwatch()
    if (to && to !== from) {
      const isLesser = rankOf(plan, to) > (from ? rankOf(plan, from) : 0)
      emit('transport', { from, to, reason: isLesser ? 'fallback' : from ? 'upgrade' : 'start' })
    }
    if (phase !== before.phase) emit('state', phase)
    if (phase === 'open' && plan.carrier !== before.carrier) remember(this.settings, pick(plan))
    if (!error) return
    emit('error', error)
    if (phase !== 'closed' && candidate) this.feed.deny(candidate.stream.joining)
  }

  private setTimer (slot: number, before: Timer | null, timer: Timer | null): void {
    const { env } = this.settings
    if (timer === before) return
    env.clearTimeout(this.timers[slot])
    if (!timer) return
    const [name, after, spread] = timer
    this.timers[slot] = env.setTimeout(() => {
      this.dispatch({ type: 'timer', name })
      if (name === 'next') this.flush()
    }, after + env.Math.random() * (spread || 0))
  }

  private open (line: Line | null): Connection | null {
    if (!line) return null
    const { settings, client, feed } = this
    const connection: Connection = { line, stream: feed.ask(), held: [], close: () => {} }
    // Everything was denied meanwhile: there is nothing to ask for.
    if (connection.stream.carried.length) connect(settings, client, connection, this)
    else this.flushLater()
    return connection
  }

  private isCandidate ({ line }: Connection): boolean {
    return line === this.plan.candidate
  }

  opened (connection: Connection): void {
    this.dispatch({ type: 'opened', isCandidate: this.isCandidate(connection), positioned: !!connection.stream.ask.cursor })
  }

  frame (connection: Connection, frame: Frame): void {
    const { phase, useful } = this.plan
    connection.held.push(frame)
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
    const { stream, line } = carrier
    this.watchdog.heard(frame.type === 'open' ? line.transport === 'long-poll' ? frame.poll + POLL_GRACE : 2 * frame.heartbeat : 0)
    if (!this.feed.take(stream, frame, this.candidate && this.candidate.stream)) carrier.close(broken())
  }

  ended (connection: Connection, end: End): void {
    if (end.error.code === 'COMET_ERR_CREDENTIALS') this.emit('error', end.error)
    this.dispatch({ type: 'end', isCandidate: this.isCandidate(connection), end })
  }
}
