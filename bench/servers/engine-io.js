import { createServer } from 'node:http'
import { Server } from 'engine.io'
import { listen } from './listen.js'
import { burstOf } from './payload.js'

const NEVER = 1e9

export async function start () {
  const sockets = new Set()
  const engine = new Server({ transports: ['polling'], pingInterval: NEVER, pingTimeout: NEVER })
  engine.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  const server = createServer()
  engine.attach(server)
  return {
    port: await listen(server),
    publish (burst, make) {
      for (const message of burstOf(burst, make)) {
        const data = JSON.stringify(message)
        for (const socket of sockets) socket.send(data)
      }
    }
  }
}
