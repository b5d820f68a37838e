// For each broker: the plugin's log over it, and the bare loop that the log is compared with.
const STREAM = 'bench'
const KEPT = 100_000

export const redis = {
  async log (port) {
    const { redisLog } = await import('../../build/bench/redis.js')
    return redisLog(await client(port), { stream: STREAM, maxLength: KEPT })
  },
  async bare (port) {
    const [writer, reader] = [await client(port), await client(port)]
    const follow = async (listener) => {
      for (let from = '$'; ;) {
        const reply = await reader.xread('COUNT', 500, 'BLOCK', 0, 'STREAMS', `bare-${STREAM}`, from)
        for (const [id, [, , , data]] of reply[0][1]) {
          from = id
          listener(JSON.parse(data))
        }
      }
    }
    return {
      send (data) {
        const fields = ['channel', 'bench', 'data', JSON.stringify(data)]
        return writer.xadd(`bare-${STREAM}`, 'MAXLEN', '~', KEPT, '*', ...fields)
      },
      listen: (listener) => { follow(listener) }
    }
  }
}

export const nats = {
  async log (port) {
    const { natsLog } = await import('../../build/bench/nats.js')
    return natsLog(await natsConnection(port), { stream: STREAM, maxMessages: KEPT })
  },
  async bare (port) {
    const { jetstream, jetstreamManager } = await import('@nats-io/jetstream')
    const connection = await natsConnection(port)
    const manager = await jetstreamManager(connection)
    const settings = { name: 'bare', subjects: ['bare'], max_msgs: KEPT }
    await manager.streams.add(settings).catch(() => manager.streams.info('bare'))
    const stream = jetstream(connection)
    const follow = async (listener) => {
      const consumer = await stream.consumers.get('bare', { deliver_policy: 'new' })
      for await (const message of await consumer.consume()) listener(message.json())
    }
    return {
      send: (data) => stream.publish('bare', JSON.stringify(data)),
      listen: (listener) => { follow(listener) }
    }
  }
}

async function natsConnection (port) {
  const { connect } = await import('@nats-io/transport-node')
  return connect({ servers: `127.0.0.1:${port}`, maxReconnectAttempts: -1 })
}

async function client (port) {
  const { Redis } = await import('ioredis')
  return new Redis({ port, host: '127.0.0.1' })
}
