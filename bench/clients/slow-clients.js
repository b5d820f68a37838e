import { connect } from 'node:net'

const INTERVAL = 1000 // ms

/** Streams that read once per second, at most 64 KB. */
export class SlowClients {
  #port
  #request
  #sockets = []
  #timer

  constructor (port, request) {
    this.#port = port
    this.#request = request
  }

  async open (count) {
    await Promise.all(Array.from({ length: count }, (_, index) => this.#open(index)))
    this.#timer = setInterval(() => {
      for (const socket of this.#sockets) socket.resume()
    }, INTERVAL)
  }

  close () {
    clearInterval(this.#timer)
    for (const socket of this.#sockets) socket.destroy()
  }

  #open (index) {
    return new Promise((resolve) => {
      const socket = connect(this.#port, '127.0.0.1')
      socket.write(this.#request(index))
      socket.on('data', () => {
        socket.pause()
        resolve()
      })
      this.#sockets.push(socket)
    })
  }
}
