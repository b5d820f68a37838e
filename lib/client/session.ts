// One connection for all channels. Events go in: from connections, timers and the page. The negotiation says what
// follows, the session carries it out and feeds the application with what the carrier delivers.

import type { Frame } from '../protocol/wire.ts'
import { announce, errorOfStep } from './announce.ts'
import type { Emit } from './events.ts'
import { openConnection, type ClientConnection, type ConnectionHandlers } from './connection/connection.ts'
import { createWarner, logStep } from './debug.ts'
import { networkFailure, type ConnectionFailure } from './connection/failure.ts'
import { cometError } from './errors.ts'
import { Feed } from './delivery/feed.ts'
import { watchPage } from './browser/page-events.ts'
import type { LocalSubscriber } from './delivery/subscriber.ts'
import type { Link } from './link.ts'
import { recall, remember } from './browser/transport-memory.ts'
import { bestTransport } from './negotiation/memory.ts'
import { isSteady } from './negotiation/open.ts'
import { createNegotiation, negotiate } from './negotiation/transitions.ts'
import type { Negotiation, NegotiationEvent, Slot, Timer } from './negotiation/state.ts'
import type { Settings } from './options.ts'
import { isSame, reconcile, type Effects, type Role } from './reconciler.ts'
import { createReachability, type Reachability } from './connection/reachability.ts'
import { randomId } from './browser/random-id.ts'
import { usable } from './connection/transports/index.ts'
import { createWatchdog, type Watchdog } from './browser/watchdog.ts'

/** How late a poll's answer may be, in ms. */
const POLL_GRACE = 5000

/** Keeps one connection to the server for all subscribers, on the transport that works. */
export class Session implements Link, ConnectionHandlers, Effects {
  readonly #settings: Settings
  readonly #emit: Emit
  readonly #client: string
  readonly #feed: Feed
  readonly #unwatch: () => void
  readonly #watchdog: Watchdog
  readonly #reachability: Reachability
  readonly #warn: ReturnType<typeof createWarner>
  readonly #events: NegotiationEvent[] = []
  #negotiation: Negotiation
  readonly #open: { [R in Role]?: ClientConnection | undefined } = {}
  readonly #timers: Partial<Record<Role, number>> = {}
  /** How long the timer that was set last runs, in ms. */
  #delay = 0
  #flushTimer: number | undefined

  /** Opens nothing before the first subscriber comes. */
  constructor (settings: Settings, emit: Emit) {
    const { env } = settings
    this.#settings = settings
    this.#emit = emit
    this.#client = randomId(env)
    this.#reachability = createReachability(settings)
    this.#warn = createWarner(settings)
    this.#feed = new Feed(settings, emit, () => { this.#flushLater() })
    this.#negotiation = createNegotiation(
      usable(settings), settings.firstFrameTimeout, settings.upgrade, recall(settings)
    )
    this.#watchdog = createWatchdog(env, () => { this.#dispatch({ type: 'silence' }) })
    this.#unwatch = watchPage(env, (type) => {
      if (type !== 'silence' || this.#watchdog.isDoubtful()) this.#dispatch({ type })
    })
  }

  at (): string | null {
    return this.#feed.position
  }

  subscribe (subscriber: LocalSubscriber): () => void {
    return this.#feed.subscribe(subscriber)
  }

  close (): void {
    this.#dispatch({ type: 'stop' })
  }

  opened (connection: ClientConnection): void {
    const isPositioned = !!connection.channelSet.request.cursor
    this.#dispatch({ type: 'opened', isCandidate: this.#isCandidate(connection), isPositioned })
  }

  frame (connection: ClientConnection, frame: Frame): void {
    connection.held.push(frame)
    this.#reachability.reset()
    // Most frames are messages of a steady carrier. They change nothing in the negotiation, so they need no step (and
    // no line in the log). No candidate is open then, so the connection is the carrier.
    if (isSteady(this.#negotiation.state)) return this.#release()
    const isOpening = frame.type === 'open'
    const elapsed = this.#settings.env.Date.now() - (connection.openedAt as number)
    const isCandidate = this.#isCandidate(connection)
    const isResumed = !isOpening || frame.resumed
    this.#dispatch({ type: 'frame', isCandidate, isUseful: !isOpening, isResumed, elapsed })
  }

  ended (connection: ClientConnection, end: ConnectionFailure): void {
    this.#dispatch({ type: 'end', isCandidate: this.#isCandidate(connection), end: this.#reachability.name(end) })
  }

  #isCandidate ({ id }: ClientConnection): boolean {
    const { candidate } = this.#negotiation.state
    return !!candidate && candidate.id === id
  }

  #flushLater (): void {
    const { env } = this.#settings
    env.clearTimeout(this.#flushTimer)
    this.#flushTimer = env.setTimeout(() => { this.#flush() })
  }

  /** Compares the channels that are carried with those that are wanted, once after all the changes of a task. */
  #flush (): void {
    const feed = this.#feed
    const { carrier } = this.#open
    const { memory, state } = this.#negotiation
    const isIdle = state.kind === 'idle'
    if (!feed.channels().length) {
      if (isIdle) return
      this.#dispatch({ type: 'idle' })
      feed.reset()
    } else if (isIdle && !memory.transports.length) {
      const message = 'this browser supports none of ' + this.#settings.transports.join(', ')
      this.#dispatch({ type: 'fault', end: { error: cometError('COMET_ERR_NO_TRANSPORT', message), fatal: true } })
    } else if (isIdle || (carrier && !carrier.channelSet.joining.length && feed.differsFrom(carrier.channelSet))) {
      this.#dispatch({ type: 'change' })
    }
  }

  /** An event that comes in the middle of a step waits for its end. */
  #dispatch (event: NegotiationEvent): void {
    const events = this.#events
    if (events.push(event) > 1) return
    for (; events[0]; events.shift()) {
      try {
        this.#step(events[0])
      } catch (reason) {
        this.#stumble(events[0], reason)
      }
    }
  }

  #step (event: NegotiationEvent): void {
    const before = this.#negotiation
    const after = this.#negotiation = negotiate(before, event)
    const { candidate } = this.#open
    logStep(this.#settings, event, after.state)
    reconcile(before.state, after.state, this)
    this.#feed.candidate = this.#open.candidate ? this.#open.candidate.channelSet : null
    this.#report(before, candidate)
    this.#release()
  }

  /** What is open may differ from what is planned now: all is closed, and opened again later, unless that fails too. */
  #stumble (event: NegotiationEvent, reason: unknown): void {
    const error = cometError('COMET_ERR_INTERNAL', 'internal error: ' + reason)
    this.disconnect('carrier')
    this.disconnect('candidate')
    const fatal = event.type === 'fault'
    if (fatal && event.end.fatal) this.#emit('error', error)
    else this.#dispatch({ type: 'fault', end: { error, fatal } })
  }

  promote (): void {
    const open = this.#open
    open.carrier = open.candidate
    open.candidate = undefined
  }

  openSlot (role: Role, slot: Slot): void {
    const channelSet = this.#feed.nextChannelSet()
    // All channels were denied meanwhile: the connection stays empty until the next change.
    if (!channelSet.carried.length) this.#flushLater()
    this.#open[role] = openConnection(this.#settings, this.#client, slot, channelSet, this)
  }

  disconnect (role: Role): void {
    const connection = this.#open[role]
    this.#open[role] = undefined
    this.setTimer(role)
    if (role === 'carrier') this.#watchdog.stop()
    if (connection) connection.close()
  }

  setTimer (role: Role, timer?: Timer): void {
    const { env } = this.#settings
    env.clearTimeout(this.#timers[role])
    if (!timer) return
    const { name, after, spread } = timer
    this.#delay = after + env.Math.random() * spread
    this.#timers[role] = env.setTimeout(() => {
      this.#dispatch({ type: 'timer', name })
      if (name === 'next') this.#flush()
    }, this.#delay)
  }

  /** Notifies the application, and remembers what works. `candidate`: the one that was open before the step. */
  #report (before: Negotiation, candidate: ClientConnection | undefined): void {
    const { memory, state, state: { kind } } = this.#negotiation
    const error = errorOfStep(before, this.#negotiation, this.#delay)
    if (kind === 'closed') this.#unwatch()
    if (error) this.#warn(error)
    announce(this.#emit, before, this.#negotiation, error)
    if (kind === 'open' && !isSame(state.carrier, before.state.carrier)) remember(this.#settings, bestTransport(memory))
    if (memory.error && kind !== 'closed' && candidate) this.#feed.deny(candidate.channelSet.joining)
  }

  /** Takes in what the carrier has delivered, also before it was the carrier. */
  #release (): void {
    const { carrier } = this.#open
    if (!carrier) return
    carrier.held.splice(0).forEach((frame) => { if (this.#open.carrier === carrier) this.#take(carrier, frame) })
  }

  #take (carrier: ClientConnection, frame: Frame): void {
    const { channelSet, transport } = carrier
    const isPoll = transport === 'long-poll'
    this.#watchdog.touch(frame.type === 'open' ? isPoll ? frame.poll + POLL_GRACE : 2 * frame.heartbeat : 0)
    if (!this.#feed.receive(channelSet, frame)) carrier.close(networkFailure())
  }
}
