import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { cpuTime, residentMemory } from './process.js'

const HOST = fileURLToPath(new URL('./servers/host.js', import.meta.url))

/** A server in a separate process, on the first core. */
export class NodeServer {
  #process
  #calls = 0
  #answers = new Map()
  port = 0

  static async start (kind, options = {}, nodeArguments = []) {
    const server = new NodeServer()
    const node = [process.execPath, '--expose-gc', ...nodeArguments, HOST, kind, JSON.stringify(options)]
    server.#process = spawn('taskset', ['--cpu-list', '0', ...node], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    server.#process.on('message', ({ id, result }) => { server.#answers.get(id)?.(result) })
    server.port = await new Promise((resolve, reject) => {
      server.#answers.set(0, resolve)
      server.#process.once('exit', () => reject(new Error(`the ${kind} server did not start`)))
    })
    return server
  }

  get cpu () {
    return cpuTime(this.#process.pid)
  }

  get memory () {
    return residentMemory(this.#process.pid)
  }

  /** Runs a command in the server's process and returns its result. */
  call (command, options) {
    const id = ++this.#calls
    return new Promise((resolve) => {
      this.#answers.set(id, (result) => {
        this.#answers.delete(id)
        resolve(result)
      })
      this.#process.send({ id, command, options })
    })
  }

  publish (options) {
    return this.call('publish', options)
  }

  /** Resolves when the server has handled everything that was sent to it before. */
  async settle () {
    await this.call('ping')
    await this.call('ping')
  }

  async collectGarbage () {
    await this.call('gc')
  }

  async stop () {
    this.#process.disconnect()
    await once(this.#process, 'exit')
  }
}
