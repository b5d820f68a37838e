import { connect } from 'node:net'

const MARK = '~'.charCodeAt(0)
const DIGITS = 16
const CONCURRENCY = 50

// Shared by all sockets: incoming bytes are searched immediately and not kept.
const shared = Buffer.alloc(65_536)

/** Many streams on raw sockets. They parse nothing, but count marks. */
export class StreamClients {
  #port
  #sockets = []
  #expected = Infinity
  #expectedBytes = Infinity
  #reached
  /** makes the request of the i-th client */
  request
  /** the number of marks received */
  marks = 0
  bytes = 0
  /** if set, collects the time from each marked message's publication to its arrival, µs */
  latencies

  constructor (port, request) {
    this.#port = port
    this.request = request
  }

  get count () {
    return this.#sockets.length
  }

  /** Opens `count` more streams; resolves when each has received its first bytes. */
  async open (count) {
    const first = this.#sockets.length
    let next = first
    const openOne = async () => {
      while (next < first + count) await this.#open(next++)
    }
    await Promise.all(Array.from({ length: CONCURRENCY }, openOne))
  }

  /** Resolves when `marks` marks have been received in total. */
  reach (marks) {
    if (this.marks >= marks) return Promise.resolve()
    this.#expected = marks
    return new Promise((resolve) => { this.#reached = resolve })
  }

  /** Resolves when `bytes` bytes have been received in total. */
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
      const onread = { buffer: shared, callback }
      const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true, onread })
      socket.write(this.request(index))
      socket.on('error', reject)
      socket.on('close', () => { throw new Error(`the server closed stream ${index}`) })
      this.#sockets[index] = socket
    })
  }

  #look (length) {
    for (let at = shared.indexOf(MARK); at !== -1 && at < length; at = shared.indexOf(MARK, at + 1)) {
      this.marks++
      if (at + DIGITS < length) this.latencies?.push(microseconds() - publishedAt(at))
    }
    this.bytes += length
    if (this.marks >= this.#expected || this.bytes >= this.#expectedBytes) {
      this.#expected = this.#expectedBytes = Infinity
      this.#reached()
    }
  }
}

function publishedAt (mark) {
  return Number(shared.latin1Slice(mark + 1, mark + 1 + DIGITS))
}

function microseconds () {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1e6 + nanoseconds / 1e3
}
