import sse from '@fastify/sse'
import fastify from 'fastify'
import { listen } from './listen.js'
import { burstOf } from './payload.js'

export async function start () {
  const replies = new Set()
  const app = fastify()
  await app.register(sse)
  app.get('/', { sse: { kind: 'only', heartbeat: false } }, async (_request, reply) => {
    reply.sse.keepAlive()
    await reply.sse.send({ data: 'open' })
    replies.add(reply)
    reply.sse.onClose(() => replies.delete(reply))
  })
  await app.ready()
  return {
    port: await listen(app.server),
    publish (burst, make) {
      for (const message of burstOf(burst, make)) {
        const event = { id: message.id, data: message }
        for (const reply of replies) reply.sse.send(event).catch(() => replies.delete(reply))
      }
    }
  }
}
