import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import type { MessageLog } from 'fastify-comet'
import { natsLog } from 'fastify-comet/nats'
import { redisLog } from 'fastify-comet/redis'
import type { BrokerName } from './command-line.ts'

const STREAM = 'comet-demo'
const LENGTH = 50_000

const LOGS: Record<BrokerName, (url: string) => MessageLog | Promise<MessageLog>> = {
  // The log makes its own two connections, with the options of this client.
  redis: (url) => redisLog(new Redis(url, { lazyConnect: true }), { stream: STREAM, maxLength: LENGTH }),
  async nats (servers) {
    return natsLog(await connect({ servers, maxReconnectAttempts: -1 }), { stream: STREAM, maxMessages: LENGTH })
  }
}

/** Opens the log of a node, in the broker that all nodes share. */
export async function openLog (broker: BrokerName, url: string): Promise<MessageLog> {
  return await LOGS[broker](url)
}
