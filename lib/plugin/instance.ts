import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { Authorization } from '../connections/authorization/authorization.ts'
import type { BusObserver } from '../bus/bus-observer.ts'
import { Bus } from '../bus/bus.ts'
import { Connections } from '../connections/registry.ts'
import { hearNote } from './disconnect.ts'
import { DeadPeers } from '../connections/sockets/dead-peers.ts'
import { foreignWarning } from './foreign-warning.ts'
import { callGuarded } from '../util/callbacks.ts'
import { memoryLog } from '../log/memory.ts'
import { Notes } from './notes.ts'
import type { Options } from './options.ts'
import { Presence } from '../connections/presence/presence.ts'
import { report, warn, writeLog } from '../util/logger.ts'

/** The parts of one plugin instance, made together and closed together. */
export interface Engine {
  /** names this process */
  readonly node: string
  readonly options: Options
  readonly log: FastifyBaseLogger
  readonly bus: Bus
  readonly connections: Connections
  readonly presence: Presence
  readonly authorization: Authorization
  readonly notes: Notes
  readonly closed: boolean
  /** whether connections are being ended right now */
  readonly closing: boolean
  close (): Promise<void>
}

export function createEngine (options: Options, log: FastifyBaseLogger): Engine {
  const bus = new Bus(options.log ?? memoryLog(), options, observer(log, () => engine))
  const presence = new Presence({ ...options, onError: (error) => { report(log, error, 'comet: a presence hook threw') } })
  const authorization = new Authorization(options.authorize, options.authorizeInterval)
  const connections = new Connections(options, (now, count) => {
    presence.tick(now)
    authorization.tick(now)
    deadPeers.tick(now, count)
  }, (error) => { report(log, error, 'comet: a connection failed') })
  const deadPeers = new DeadPeers(options.heartbeatInterval, (peers) => { connections.reap(peers) },
    (error) => { report(log, error, 'comet: cannot read the socket table, vanished clients are detected late') })
  const node = randomBytes(6).toString('hex')
  const notes = new Notes({ node, append: (data) => bus.note(data), onError: (error, text) => { report(log, error, text) } })
  let closed = false
  let closing = false
  const engine: Engine = {
    node,
    options,
    log,
    bus,
    connections,
    presence,
    authorization,
    notes,
    get closed () { return closed },
    get closing () { return closing },
    async close () {
      closed = closing = true
      bus.flush()
      await connections.close()
      await deadPeers.close()
      await bus.close()
      notes.close()
      presence.close()
      closing = false
    }
  }
  return engine
}

/** What the bus reports, once the engine is made. */
function observer (log: FastifyBaseLogger, engine: () => Engine): BusObserver {
  const onNoteError = (error: unknown): void => {
    report(log, error, 'comet: cannot read a control message of another node')
  }
  return {
    onNote: (data) => { callGuarded(onNoteError, () => { hearNote(engine(), data) }) },
    onLost: () => {
      // Whom a note among them would have ended must pass `authorize` at the next poll, or when its stream is asked about again.
      engine().authorization.forget()
      warn(log, 'comet: the log trimmed entries before this node read them, perhaps with disconnects of other nodes')
    },
    onForeign: foreignWarning(log),
    onReachable: (isReachable, reason) => { logReachable(log, isReachable, reason) },
    onError: (error) => { report(log, error, 'comet: cannot retain a message of another node') },
    onFault: (error) => { report(log, error, 'comet: a message could not be delivered') }
  }
}

function logReachable (log: FastifyBaseLogger, isReachable: boolean, reason: unknown): void {
  if (isReachable) writeLog(log, 'info', {}, 'comet: the log can be reached')
  else report(log, reason, 'comet: the log cannot be reached, clients are served from memory and publishes wait')
}
