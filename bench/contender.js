import { PollClients } from './clients/poll-clients.js'
import { requests } from './clients/requests.js'
import { StreamClients } from './clients/stream-clients.js'
import { NchanServer } from './nchan-server.js'
import { NodeServer } from './node-server.js'

const MARKS_AT_ONCE = 8 // for each client
const SIZE = 100 // bytes of a message

/** A server and its clients, in one piece of work. */
export class Contender {
  /** Starts a server of that kind, and makes clients for it. `marks`: how many a turn brings each client. */
  static async start (name, { kind = name, options, dialect, request = requests[name], marksEach = 1, nodeArguments }) {
    const server = kind === 'nchan' ? await NchanServer.start() : await NodeServer.start(kind, options, nodeArguments)
    const clients = dialect === undefined ? new StreamClients(server.port, request) : new PollClients(server.port, dialect())
    return new Contender(name, server, clients, marksEach)
  }

  constructor (name, server, clients, marksEach) {
    this.name = name
    this.server = server
    this.clients = clients
    this.marksEach = marksEach
  }

  /** Publishes so many turns to streams, two portions of them on their way at a time. Returns CPU ms and elapsed ms. */
  async stream (turns, { burst = 1, size = SIZE, every, deadline = Infinity } = {}) {
    const { server, clients } = this
    const eachTurn = clients.count * this.marksEach
    let expected = clients.marks
    let before = clients.marks
    const cpu = server.cpu
    const start = performance.now()
    let done = 0
    while (done < turns && performance.now() - start < deadline) {
      const portion = Math.min(Math.round(MARKS_AT_ONCE / this.marksEach), turns - done)
      await server.publish({ turns: portion, burst, size, every })
      await clients.reach(before)
      done += portion
      before = expected += portion * eachTurn
    }
    await clients.reach(expected)
    return { turns: done, cpu: server.cpu - cpu, elapsed: performance.now() - start }
  }

  /** Publishes so many rounds to clients that poll. */
  async poll (rounds, { burst = 1, size = SIZE } = {}) {
    const { server, clients } = this
    const cpu = server.cpu
    const start = performance.now()
    for (let round = 0; round < rounds; round++) {
      const answered = clients.answered()
      await server.publish({ turns: 1, burst, size })
      await answered
      clients.poll()
      await server.settle()
    }
    return { turns: rounds, cpu: server.cpu - cpu, elapsed: performance.now() - start }
  }

  async stop () {
    this.clients.close()
    await this.server.stop()
  }
}
