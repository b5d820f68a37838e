import { PollClients } from './clients/poll-clients.js'
import { requests } from './clients/requests.js'
import { StreamClients } from './clients/stream-clients.js'
import { NchanServer } from './nchan-server.js'
import { NodeServer } from './node-server.js'

const MARKS_IN_FLIGHT = 8 // per client
const SIZE = 100 // bytes of a message

/** A server and its clients, measured together. */
export class Contender {
  /** Starts a server of that kind and creates its clients. `marksEach`: the marks per tick and client. */
  static async start (name, { kind = name, options, dialect, request = requests[name], marksEach = 1, nodeArguments }) {
    const server = kind === 'nchan' ? await NchanServer.start() : await NodeServer.start(kind, options, nodeArguments)
    const { port } = server
    const clients = dialect === undefined ? new StreamClients(port, request) : new PollClients(port, dialect())
    return new Contender(name, server, clients, marksEach)
  }

  constructor (name, server, clients, marksEach) {
    this.name = name
    this.server = server
    this.clients = clients
    this.marksEach = marksEach
  }

  /** Publishes `ticks` ticks to streams, with two portions in flight at a time. Returns CPU and elapsed time, ms. */
  async stream (ticks, { burst = 1, size = SIZE, every, deadline = Infinity } = {}) {
    const { server, clients } = this
    const perTick = clients.count * this.marksEach
    let expected = clients.marks
    let before = clients.marks
    const cpu = server.cpu
    const start = performance.now()
    let done = 0
    while (done < ticks && performance.now() - start < deadline) {
      const portion = Math.min(Math.round(MARKS_IN_FLIGHT / this.marksEach), ticks - done)
      await server.publish({ ticks: portion, burst, size, every })
      await clients.reach(before)
      done += portion
      before = expected += portion * perTick
    }
    await clients.reach(expected)
    return { ticks: done, cpu: server.cpu - cpu, elapsed: performance.now() - start }
  }

  /** Publishes `rounds` rounds to clients that poll. */
  async poll (rounds, { burst = 1, size = SIZE } = {}) {
    const { server, clients } = this
    const cpu = server.cpu
    const start = performance.now()
    for (let round = 0; round < rounds; round++) {
      const answered = clients.answered()
      await server.publish({ ticks: 1, burst, size })
      await answered
      clients.poll()
      await server.settle()
    }
    return { ticks: rounds, cpu: server.cpu - cpu, elapsed: performance.now() - start }
  }

  async stop () {
    this.clients.close()
    await this.server.stop()
  }
}
