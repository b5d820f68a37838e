import { createServer } from 'node:http'
import sockjs from 'sockjs'
import { listen } from './listen.js'
import { burstOf } from './payload.js'

const NEVER = 1e9

export async function start () {
  const connections = new Set()
  const never = { heartbeat_delay: NEVER, disconnect_delay: NEVER, response_limit: NEVER }
  const service = sockjs.createServer({ prefix: '/echo', log () {}, ...never })
  service.on('connection', (connection) => {
    connections.add(connection)
    connection.on('close', () => connections.delete(connection))
  })
  const server = createServer()
  service.installHandlers(server)
  return {
    port: await listen(server),
    publish (burst, make) {
      for (const message of burstOf(burst, make)) {
        const data = JSON.stringify(message)
        for (const connection of connections) connection.write(data)
      }
    }
  }
}
