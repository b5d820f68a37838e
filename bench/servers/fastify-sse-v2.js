import fastify from 'fastify'
import { FastifySSEPlugin } from 'fastify-sse-v2'
import { listen } from './listen.js'
import { burstOf } from './payload.js'

export async function start () {
  const replies = new Set()
  const app = fastify()
  await app.register(FastifySSEPlugin)
  app.get('/', (_request, reply) => {
    reply.sse({ data: 'open' })
    replies.add(reply)
    reply.raw.on('close', () => replies.delete(reply))
  })
  await app.ready()
  return {
    port: await listen(app.server),
    publish (burst, make) {
      for (const message of burstOf(burst, make)) {
        const data = JSON.stringify(message)
        for (const reply of replies) reply.sse({ id: message.id, data })
      }
    }
  }
}
