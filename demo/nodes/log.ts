import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import type { MessageLog } from 'fastify-comet'
import { natsLog } from 'fastify-comet/nats'
import { redisLog } from 'fastify-comet/redis'
import type { EngineName } from './command-line.ts'

const STREAM = 'comet-demo'
const LENGTH = 50_000

const LOGS: Record<EngineName, (url: string) => MessageLog | Promise<MessageLog>> = {
  // The log connects by itself, twice, as this client would.
  redis: (url) => redisLog(new Redis(url, { lazyConnect: true }), { stream: STREAM, maxLength: LENGTH }),
  nats: async (servers) => natsLog(await connect({ servers, maxReconnectAttempts: -1 }), { stream: STREAM, maxMessages: LENGTH })
}

/** The log of a node, in the engine that all nodes share. */
export async function openLog (engine: EngineName, url: string): Promise<MessageLog> {
  return await LOGS[engine](url)
}
