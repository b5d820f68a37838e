import { randomBytes } from 'node:crypto'
import type { FastifyBaseLogger } from 'fastify'
import { Authorization } from './authorization.ts'
import { Bus } from './bus.ts'
import { Connections } from './connections.ts'
import { hearNote } from './disconnect.ts'
import { Ghosts } from './ghosts.ts'
import { guarded } from './guarded.ts'
import { memoryLog } from './log/memory.ts'
import type { Options } from './options.ts'
import { Presence } from './presence.ts'
import { report } from './report.ts'

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
  readonly closed: boolean
  /** whether connections are being ended right now */
  readonly closing: boolean
  close (): Promise<void>
}

export function createEngine (options: Options, log: FastifyBaseLogger): Engine {
  const bus = new Bus(options.log ?? memoryLog(), options, {
    onNote: (data) => { guarded(onNoteError, () => { hearNote(engine, data) }) },
    onReachable: (isReachable, reason) => { logReachable(log, isReachable, reason) },
    onError: (error) => { report(log, error, 'comet: a message of another node cannot be kept') }
  })
  const onNoteError = (error: unknown): void => { report(log, error, 'comet: a note of another node cannot be read') }
  const onError = (error: unknown): void => { report(log, error, 'comet: a hook threw') }
  const presence = new Presence({ ...options, onError })
  const authorization = new Authorization(options.authorize, options.authorizeInterval)
  const connections = new Connections(options, (now, count) => {
    presence.tick(now)
    authorization.tick(now)
    if (count > 0) ghosts.tick(now)
  })
  const ghosts = new Ghosts(options.heartbeatInterval, (peers) => { connections.reap(peers) },
    (error) => { report(log, error, 'comet: clients that vanish are found late') })
  let closed = false
  let closing = false
  const engine: Engine = {
    node: randomBytes(6).toString('hex'),
    options,
    log,
    bus,
    connections,
    presence,
    authorization,
    get closed () { return closed },
    get closing () { return closing },
    async close () {
      closed = closing = true
      bus.flush()
      await connections.close()
      await ghosts.close()
      await bus.close()
      closing = false
    }
  }
  return engine
}

function logReachable (log: FastifyBaseLogger, isReachable: boolean, reason: unknown): void {
  if (isReachable) log.info('comet: the log is reached')
  else report(log, reason, 'comet: the log cannot be reached, what is held is served and publishing waits')
}
