// One connection for all channels: does what the negotiation decides, and feeds what comes to the application.

import type { Frame, TransportName } from '../protocol.ts'
import { delay } from './backoff.ts'
import { connect, type Connection } from './connection.ts'
import { canRequest, detect, canStream } from './detect.ts'
import type { Env } from './env.ts'
import { cometError, type CometError } from './errors.ts'
import { createFeed, type FeedSink } from './feed.ts'
import { watchLifecycle } from './lifecycle.ts'
import { attempt, createMemory } from './memory.ts'
import { negotiate } from './negotiate.ts'
import { createNegotiation, type Action, type NegotiationEvent, type Phase, type Reason, type Slot, type TimerName } from './negotiation.ts'
import type { Settings } from './options.ts'
import { createSecret } from './secret.ts'
import { createTimers } from './timers.ts'
import type { End } from './transports/transport.ts'
import { createWatchdog } from './watchdog.ts'

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

export interface Session {
  want (channel: string, history: number): void
  unwant (channel: string): void
  state (): Phase
  transport (): TransportName | null
  cursor (): string | null
  close (): void
}

/** Part of the silence allowed after which a page that is seen again asks whether its connection lives. */
const DOUBTFUL = 0.5

export function createSession (env: Env, settings: Settings, sink: SessionSink): Session {
  const secret = createSecret(env)
  const feed = createFeed(sink, settings.cursor)
  const memory = createMemory(env, settings.url)
  const timers = createTimers<TimerName | 'flush'>(env)
  const watchdog = createWatchdog(env, function () { dispatch({ type: 'silence' }) })
  const unwatch = watchLifecycle(env, {
    online: function () { dispatch({ type: 'wake', why: 'online' }) },
    offline: function () { dispatch({ type: 'wake', why: 'offline' }) },
    visible: function () { if (watchdog.silence() > DOUBTFUL) dispatch({ type: 'silence' }) },
    hide: function () { dispatch({ type: 'hide' }) },
    show: function () { dispatch({ type: 'wake', why: 'show' }) }
  })
  const debug = settings.debug || attempt(function () { return env.localStorage()?.getItem('comet') }) === 'debug'
  let negotiation = createNegotiation({
    transports: usable(env, settings),
    canAsk: canRequest(env),
    firstFrameTimeout: settings.firstFrameTimeout,
    upgrade: settings.upgrade
  }, memory.recall())
  const slots: Record<Slot, Connection | null> = { carrier: null, candidate: null }
  const events: NegotiationEvent[] = []
  let busy = false
  /** Joins of the last candidate: those that a refusal concerns. */
  let lastJoin: readonly string[] = []

  return {
    want: function (channel, history) {
      feed.want(channel, history)
      timers.set('flush', 0, flush)
    },
    unwant: function (channel) {
      feed.unwant(channel)
      timers.set('flush', 0, flush)
    },
    state: function () { return negotiation.phase },
    transport: function () { return negotiation.transport },
    cursor: function () { return feed.position() },
    close: function () { dispatch({ type: 'stop' }) }
  }

  /** Brings what is carried in line with what is wanted: all the changes of a task at once. */
  function flush () {
    const { phase } = negotiation
    const carrier = slots.carrier
    if (phase === 'idle' && feed.wantsAny()) start()
    else if (phase !== 'idle' && !feed.wantsAny()) {
      dispatch({ type: 'idle' })
      feed.reset()
    } else if (phase === 'open' && carrier && !carrier.stream.joining.length && feed.differsFrom(carrier.stream)) {
      dispatch({ type: 'change' })
    }
  }

  function start () {
    if (negotiation.plan.transports.length) dispatch({ type: 'start', positioned: feed.position() !== null })
    else {
      dispatch({ type: 'stop' })
      sink.error(cometError('COMET_ERR_NO_TRANSPORT', 'this browser has none of the transports ' + settings.transports.join(', ')))
    }
  }

  function dispatch (event: NegotiationEvent) {
    events.push(event)
    // What happens in the middle of a step waits for its end.
    if (busy) return
    busy = true
    for (let next = events.shift(); next; next = events.shift()) step(next)
    busy = false
  }

  function step (event: NegotiationEvent) {
    const before = negotiation
    const result = negotiate(before, event)
    negotiation = result[0]
    const { phase } = negotiation
    if (debug) log(event, result[1])
    if (phase !== 'open') watchdog.stop()
    if (phase === 'closed' && before.phase !== phase) tearDown()
    const adopted = result[1].some(function (action) { return action.do === 'adopt' })
    result[1].forEach(function (action) { if (action.do !== 'fail') perform(action) })
    if (phase !== before.phase) sink.state(phase)
    result[1].forEach(tell)
    if (adopted) release()
  }

  function perform (action: Action) {
    switch (action.do) {
      case 'open': return open(action.slot, action.transport)
      case 'close': return drop(action.slot)
      case 'adopt': return adopt()
      case 'timer': return setTimer(action.name, delay(action.after, action.spread, env.random))
      case 'cancel': return timers.cancel(action.name)
      case 'remember': return memory.remember(action.transport)
      case 'reject': return feed.reject(lastJoin)
    }
  }

  /** What the application hears of, after all is done. */
  function tell (action: Action) {
    if (action.do === 'announce') sink.transport({ from: action.from, to: action.to, reason: action.reason })
    else if (action.do === 'fail' || action.do === 'reject') sink.error(action.error)
    if (action.do === 'reject' && lastJoin.length) sink.denied(lastJoin.slice())
  }

  function setTimer (name: TimerName, ms: number) {
    timers.set(name, ms, function () {
      if (name === 'change') flush()
      else dispatch({ type: 'timer', name })
    })
  }

  function open (slot: Slot, transport: TransportName) {
    const stream = feed.ask(slot === 'candidate')
    if (slot === 'candidate') lastJoin = stream.joining
    // Everything was denied meanwhile: nothing to ask for.
    if (!stream.carried.length) return timers.set('flush', 0, flush)
    const connection: Connection = slots[slot] = connect(env, settings, secret, transport, stream, {
      opened: function () { dispatch({ type: 'opened', slot: slotOf(connection) }) },
      frame: function (frame) { receive(connection, frame) },
      end: function (end) { ended(connection, end) }
    })
    connection.start()
  }

  function slotOf (connection: Connection): Slot {
    return connection === slots.carrier ? 'carrier' : 'candidate'
  }

  function drop (slot: Slot) {
    const connection = slots[slot]
    slots[slot] = null
    if (slot === 'candidate') feed.forgetBeside()
    if (connection) connection.close()
  }

  function adopt () {
    const candidate = slots.candidate
    slots.candidate = null
    feed.overtake()
    drop('carrier')
    slots.carrier = candidate
  }

  /** Takes in what the carrier delivered while it was a candidate. */
  function release () {
    const carrier = slots.carrier
    if (!carrier) return
    const { held } = carrier
    carrier.held = []
    held.forEach(function (frame) { if (slots.carrier === carrier) take(carrier, frame) })
  }

  function receive (connection: Connection, frame: Frame) {
    const slot = slotOf(connection)
    connection.firstFrameAt = connection.firstFrameAt || env.now()
    if (slot === 'candidate') connection.held.push(frame)
    const { phase, useful, candidate } = negotiation
    if (phase !== 'open' || !useful || candidate) {
      dispatch({
        type: 'frame',
        slot,
        useful: frame.type === undefined || frame.type === 'heartbeat' || frame.type === 'gap',
        resumed: frame.type !== 'open' || frame.resumed !== false,
        elapsed: env.now() - connection.openedAt,
        waited: env.now() - (slots.carrier || connection).openedAt
      })
    }
    if (slot === 'carrier' && slots.carrier === connection) take(connection, frame)
  }

  function take (connection: Connection, frame: Frame) {
    const { stream, transport } = connection
    if (frame.type === 'open') watchdog.tune(frame, transport === 'long-poll')
    watchdog.heard()
    const joining = stream.joining.length
    feed.take(stream, frame)
    const settled = joining > 0 && !stream.joining.length
    if (slots.candidate && (settled || frame.type === 'gap')) dispatch({ type: 'stale' })
    if (settled || frame.type === 'open' || frame.type === 'denied') flush()
  }

  function ended (connection: Connection, end: End) {
    const slot = slotOf(connection)
    slots[slot] = null
    if (slot === 'candidate') feed.forgetBeside()
    const lived = connection.firstFrameAt ? env.now() - connection.firstFrameAt : 0
    dispatch({ type: 'end', slot, end, lived })
  }

  function tearDown () {
    unwatch()
    timers.cancelAll()
    watchdog.stop()
  }

  function log (event: NegotiationEvent, actions: readonly Action[]) {
    env.log('comet ' + negotiation.phase + ' ' + (negotiation.carrier || '-') + ' ' + JSON.stringify(event) + ' -> ' + JSON.stringify(actions))
  }
}

/** Those that the application allows and the browser has the means for. */
function usable (env: Env, settings: Settings): TransportName[] {
  const has = detect(env)
  return settings.transports.filter(function (name) {
    if (!settings.headers) return has[name]
    // A native EventSource and an iframe have no say in their request headers.
    return name === 'eventsource' ? canStream(env) : name === 'long-poll' && has[name]
  })
}
