import { connect } from 'node:net'

const MARK = '~'.charCodeAt(0)
const DIGITS = 16
const CONCURRENCY = 50

// One for all: what arrives is looked through at once and forgotten.
const shared = Buffer.alloc(65_536)

/** Many streams on raw sockets. Nothing is parsed: marks are counted. */
export class StreamClients {
  #port
  #sockets = []
  #expected = Infinity
  #expectedBytes = Infinity
  #reached
  /** what the i-th client sends */
  request
  /** marks seen */
  marks = 0
  bytes = 0
  /** when given, takes the microseconds from each marked message's publication to its arrival */
  latencies

  constructor (port, request) {
    this.#port = port
    this.request = request
  }

  get count () {
    return this.#sockets.length
  }

  /** Opens so many more; resolves when each has had its first bytes. */
  async open (count) {
    const first = this.#sockets.length
    let next = first
    const openOne = async () => {
      while (next < first + count) await this.#open(next++)
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, openOne))
  }

  /** Resolves when so many marks have been seen in all. */
  reach (marks) {
    if (this.marks >= marks) return Promise.resolve()
    this.#expected = marks
    return new Promise((resolve) => { this.#reached = resolve })
  }

  /** Resolves when so many bytes have come in all. */
  reachBytes (bytes) {
    if (this.bytes >= bytes) return Promise.resolve()
    this.#expectedBytes = bytes
    return new Promise((resolve) => { this.#reached = resolve })
  }

  close () {
    for (const socket of this.#sockets) {
      socket.removeAllListeners('close')
      socket.resetAndDestroy()
    }
    this.#sockets = []
  }

  #open (index) {
    return new Promise((resolve, reject) => {
      const callback = (length) => {
        this.#look(length)
        resolve()
        return true
      }
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, onread: { buffer: shared, callback } })
      socket.write(this.request(index))
      socket.on('error', reject)
      socket.on('close', () => { throw new Error(`stream ${index} was closed by the server`) })
      this.#sockets[index] = socket
    })
  }

  #look (length) {
    for (let at = shared.indexOf(MARK); at !== -1 && at < length; at = shared.indexOf(MARK, at + 1)) {
      this.marks++
      if (this.latencies !== undefined && at + DIGITS < length) this.latencies.push(microseconds() - Number(shared.latin1Slice(at + 1, at + 1 + DIGITS)))
    }
    this.bytes += length
    if (this.marks >= this.#expected || this.bytes >= this.#expectedBytes) {
      this.#expected = this.#expectedBytes = Infinity
      this.#reached()
    }
  }
}

function microseconds () {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}
