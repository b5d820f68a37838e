import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { Authorization } from '../connections/authorization/authorization.ts'
import { Bus, type BusObserver } from '../bus/bus.ts'
import { ConnectionRegistry } from '../connections/registry.ts'
import { receiveControlMessage } from './disconnect.ts'
import { DeadPeerDetector } from '../connections/sockets/dead-peers.ts'
import { foreignWarning } from './foreign-warning.ts'
import { callGuarded } from '../util/callbacks.ts'
import { memoryLog } from '../log/memory.ts'
import { ControlMessages } from './control-messages.ts'
import type { Options } from './options.ts'
import { Presence } from '../connections/presence/presence.ts'
import { logError, logWarning, writeLog } from '../util/logger.ts'

/** The parts of one registration of the plugin, created together and closed together. */
export interface Instance {
  /** names this process */
  readonly node: string
  readonly options: Options
  readonly logger: FastifyBaseLogger
  readonly bus: Bus
  readonly connections: ConnectionRegistry
  readonly presence: Presence
  readonly authorization: Authorization
  readonly controlMessages: ControlMessages
  /** Whether `close` has been called. */
  readonly closed: boolean
  /** Whether `close` is ending the connections now. */
  readonly closing: boolean
  /** Ends the connections, then the bus and its log. */
  close (): Promise<void>
}

/** Creates the parts of an instance, and starts reading the log. */
export function createInstance (options: Options, logger: FastifyBaseLogger): Instance {
  const onError = (text: string) => (error: unknown): void => { logError(logger, error, `comet: ${text}`) }
  const bus = new Bus(options.log ?? memoryLog(), options, observer(logger, () => instance))
  const presence = new Presence({ ...options, onError: onError('a presence hook threw') })
  const authorization = new Authorization(options.authorize, options.authorizeInterval)
  const connections = new ConnectionRegistry(options, (now, count) => {
    presence.tick(now)
    authorization.tick(now)
    deadPeers.tick(now, count)
  }, onError('a connection failed'))
  const deadPeers = new DeadPeerDetector(options.heartbeatInterval, (peers) => { connections.destroyPeers(peers) },
    onError('cannot read the socket table, vanished clients are detected late'))
  const node = randomBytes(6).toString('hex')
  const controlMessages = new ControlMessages({
    node,
    append: (data) => bus.broadcast(data),
    onError: (error, text) => { logError(logger, error, text) }
  })
  const parts = { node, options, logger, bus, connections, presence, authorization, controlMessages }
  const instance: Instance = closable(parts, deadPeers)
  return instance
}

const TRIMMED = 'comet: the log trimmed entries before this node read them, perhaps with disconnects of other nodes'
const UNREACHABLE = 'comet: the log cannot be reached, clients are served from memory and publishes wait'

type Parts = Omit<Instance, 'closed' | 'closing' | 'close'>

// Connections end before the bus: what was published before their end is still handed out to them.
function closable (parts: Parts, deadPeers: DeadPeerDetector): Instance {
  const { bus, connections, controlMessages, presence } = parts
  let state: 'open' | 'closing' | 'closed' = 'open'
  return {
    ...parts,
    get closed () { return state !== 'open' },
    get closing () { return state === 'closing' },
    async close () {
      state = 'closing'
      bus.flush()
      await connections.close()
      await deadPeers.close()
      await bus.close()
      controlMessages.close()
      presence.close()
      state = 'closed'
    }
  }
}

/** Logs what the bus reports, and acts on control messages. `instance` is called once it has been created. */
function observer (logger: FastifyBaseLogger, instance: () => Instance): BusObserver {
  const onError = (text: string) => (error: unknown): void => { logError(logger, error, `comet: ${text}`) }
  const onUnreadable = onError('cannot read a control message of another node')
  return {
    onControlMessage: (data) => { callGuarded(onUnreadable, () => { receiveControlMessage(instance(), data) }) },
    onLost: () => {
      // A disconnect may be among them: the clients must pass `authorize` again, at the next poll or interval.
      instance().authorization.forget()
      logWarning(logger, TRIMMED)
    },
    onForeign: foreignWarning(logger),
    onReachable: (isReachable, reason) => { logReachable(logger, isReachable, reason) },
    onError: onError('cannot retain a message of another node'),
    onFault: onError('a message could not be delivered')
  }
}

function logReachable (logger: FastifyBaseLogger, isReachable: boolean, reason: unknown): void {
  if (isReachable) writeLog(logger, 'info', {}, 'comet: the log can be reached')
  else logError(logger, reason, UNREACHABLE)
}
