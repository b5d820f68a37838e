// Bare node:http: writes one prepared buffer to each response.
import { createServer } from 'node:http'
import { listen } from './listen.js'
import { burstOf, events } from './payload.js'

export async function start () {
  const responses = new Set()
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write(':\n\n')
    responses.add(response)
    response.on('close', () => responses.delete(response))
  })
  return {
    port: await listen(server),
    publish (burst, make) {
      const bytes = Buffer.from(events(burstOf(burst, make)))
      for (const response of responses) response.write(bytes)
    }
  }
}
