// The minimum of work: one prepared buffer, written to each socket.
import { createServer } from 'node:net'
import { listen } from './listen.js'
import { burstOf, chunk, events } from './payload.js'

const HEAD = 'HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n'

export async function start () {
  const sockets = new Set()
  const server = createServer({ noDelay: true }, (socket) => {
    socket.once('data', () => {
      socket.write(HEAD)
      sockets.add(socket)
    })
    socket.on('error', () => socket.destroy())
    socket.on('close', () => sockets.delete(socket))
  })
  return {
    port: await listen(server),
    publish (burst, make) {
      const bytes = chunk(events(burstOf(burst, make)))
      for (const socket of sockets) socket.write(bytes)
    }
  }
}
