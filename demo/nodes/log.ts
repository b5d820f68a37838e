import { Redis } from 'ioredis'
import type { MessageLog } from 'fastify-comet'
import { redisLog } from 'fastify-comet/redis'
import type { EngineName } from './command.ts'

const LIMITS = { stream: 'comet-demo', maxLength: 50_000 }

const LOGS: Record<EngineName, (url: string) => MessageLog> = {
  // The log connects by itself, twice, as this client would.
  redis: (url) => redisLog(new Redis(url, { lazyConnect: true }), LIMITS)
}

/** The log of a node, in the engine that all nodes share. */
export function openLog (engine: EngineName, url: string): MessageLog {
  return LOGS[engine](url)
}
