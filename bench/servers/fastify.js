// Fastify, without anything: a route that answers at once, and one whose answer is held until there is a message.
import fastify from 'fastify'
import { listen } from './listen.js'
import { burstOf } from './payload.js'

export async function start () {
  let held = []
  const app = fastify()
  app.get('/', (_request, reply) => { reply.send('{"ok":true}') })
  app.get('/poll', (_request, reply) => { held.push(reply) })
  await app.ready()
  return {
    port: await listen(app.server),
    publish (burst, make) {
      const bytes = Buffer.from(JSON.stringify(burstOf(burst, make)))
      const replies = held
      held = []
      for (const reply of replies) reply.header('content-type', 'application/json').send(bytes)
    }
  }
}
