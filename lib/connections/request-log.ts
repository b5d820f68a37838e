import type { FastifyReply, FastifyRequest } from 'fastify'
import { callLogger } from '../util/logger.ts'

/**
 * The object by which Fastify decides on its request log and writes it, since 5.12; an application may pass its own
 * (`logController`).
 */
interface LogController {
  isLogDisabled (request: FastifyRequest): boolean
  requestCompleted (error: null, request: FastifyRequest, reply: FastifyReply): void
}

// Fastify exports the class, and keeps an application's object under a symbol that it does not export.
const DESCRIPTION = 'fastify.logController'
let symbol: symbol | undefined

/** Whether the application logs this request, by its own rules. */
export function isLogged (request: FastifyRequest): boolean {
  let isDisabled = false
  callLogger(() => {
    const rule: unknown = Reflect.get(request.server.initialConfig, 'disableRequestLogging')
    const isDisabledByRule = (): boolean => typeof rule === 'function' ? rule(request) === true : rule === true
    isDisabled = controllerOf(request)?.isLogDisabled(request) ?? isDisabledByRule()
  })
  return !isDisabled
}

/** Logs a request the way Fastify does when its response has finished. */
export function logCompleted (request: FastifyRequest, reply: FastifyReply): void {
  callLogger(() => {
    const controller = controllerOf(request)
    if (controller === undefined) reply.log.info({ res: reply, responseTime: reply.elapsedTime }, 'request completed')
    else controller.requestCompleted(null, request, reply)
  })
}

function controllerOf ({ server }: FastifyRequest): LogController | undefined {
  symbol ??= symbolIn(server)
  return symbol === undefined ? undefined : Reflect.get(server, symbol) as LogController | undefined
}

function symbolIn (server: object | null): symbol | undefined {
  if (server === null) return undefined
  const own = Object.getOwnPropertySymbols(server).find(({ description }) => description === DESCRIPTION)
  return own ?? symbolIn(Object.getPrototypeOf(server) as object | null)
}
