// Bare Fastify: a route that answers immediately, and one whose answer is held until there is a message.
import fastify from 'fastify'
import { listen } from './listen.js'
import { burstOf } from './payload.js'

export async function start () {
  let held = []
  let clients = 0
  let waiting
  const app = fastify()
  app.get('/', (_request, reply) => { reply.send('{"ok":true}') })
  app.get('/poll', (_request, reply) => {
    clients = Math.max(clients, held.push(reply))
    if (waiting !== undefined && held.length === clients) answer()
  })
  await app.ready()
  return {
    port: await listen(app.server),
    // No history serves a poll that arrives late, so publishing waits for all polls.
    publish (burst, make) {
      waiting = Buffer.from(JSON.stringify(burstOf(burst, make)))
      if (held.length === clients) answer()
    }
  }

  function answer () {
    const bytes = waiting
    const replies = held
    waiting = undefined
    held = []
    for (const reply of replies) reply.header('content-type', 'application/json').send(bytes)
  }
}
