import { connect } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'

const SETTLE = 300 // ms

/**
 * Many clients that poll, each on one connection. A dialect defines what they send: `first(i)` is the first request,
 * `next(i, answer)` the request after an answer without a mark. `round(answer)` is called once per round for all
 * clients and returns the function that makes their next requests. `greets`: the server answers the first request
 * immediately.
 */
export class PollClients {
  #port
  #dialect
  #sockets = []
  #missing = 0
  #done
  #answer = ''
  /** the number of answers received */
  answers = 0

  constructor (port, dialect) {
    this.#port = port
    this.#dialect = dialect
  }

  get count () {
    return this.#sockets.length
  }

  /** Opens `count` clients; resolves when the server holds a poll of each. */
  async open (count) {
    for (let i = 0; i < count; i += 100) {
      await Promise.all(Array.from({ length: Math.min(100, count - i) }, (_, j) => this.#open(i + j)))
    }
    await delay(SETTLE)
  }

  /** Resolves when each client has received an answer with a mark. */
  answered () {
    this.#missing = this.#sockets.length
    return new Promise((resolve) => { this.#done = resolve })
  }

  /** Sends the next poll of each client. */
  poll () {
    const request = this.#dialect.round(this.#answer)
    this.#sockets.forEach((socket, index) => { socket.write(request(index)) })
  }

  close () {
    for (const socket of this.#sockets) socket.resetAndDestroy()
    this.#sockets = []
  }

  #open (index) {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    this.#sockets[index] = socket
    return new Promise((resolve, reject) => {
      socket.on('error', reject)
      socket.on('data', (data) => {
        this.#look(socket, index, data)
        resolve()
      })
      socket.write(this.#dialect.first(index), () => {
        if (!this.#dialect.greets) resolve()
      })
    })
  }

  #look (socket, index, data) {
    if (data.includes('~')) {
      this.answers++
      this.#answer = data
      if (--this.#missing === 0) this.#done()
      return
    }
    const next = this.#dialect.next(index, data)
    if (next === undefined) return
    this.answers++
    socket.write(next)
  }
}
