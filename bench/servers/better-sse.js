import { createServer } from 'node:http'
import { createChannel, createSession } from 'better-sse'
import { listen } from './listen.js'
import { burstOf } from './payload.js'

export async function start () {
  const channel = createChannel()
  const server = createServer(async (request, response) => {
    channel.register(await createSession(request, response, { keepAlive: null }))
  })
  return {
    port: await listen(server),
    publish (burst, make) {
      for (const message of burstOf(burst, make)) channel.broadcast(message, 'message', { eventId: message.id })
    }
  }
}
