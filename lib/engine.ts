import type { FastifyBaseLogger } from 'fastify'
import { Authorization } from './authorization.ts'
import { Bus } from './bus.ts'
import { Connections } from './connections.ts'
import { memoryLog } from './log/memory.ts'
import type { Options } from './options.ts'
import { Presence } from './presence.ts'

/** The parts of one plugin instance, made together and closed together. */
export interface Engine {
  readonly options: Options
  readonly log: FastifyBaseLogger
  readonly bus: Bus
  readonly connections: Connections
  readonly presence: Presence
  readonly authorization: Authorization
  readonly closed: boolean
  close (): Promise<void>
}

export function createEngine (options: Options, log: FastifyBaseLogger): Engine {
  const bus = new Bus(memoryLog(), options)
  const onError = (error: unknown): void => { log.error({ err: error }, 'comet: a hook threw') }
  const { onSubscribe, onUnsubscribe, presenceGrace } = options
  const presence = new Presence({ onSubscribe, onUnsubscribe, presenceGrace, onError })
  const authorization = new Authorization(options.authorize, options.authorizeInterval)
  const connections = new Connections(options, (now) => {
    presence.tick(now)
    authorization.tick(now)
  })
  let closed = false
  return {
    options,
    log,
    bus,
    connections,
    presence,
    authorization,
    get closed () { return closed },
    async close () {
      closed = true
      bus.flush()
      await connections.close()
      bus.close()
    }
  }
}
