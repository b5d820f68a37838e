// The broker that keeps the log: one that already runs, or one that the demo starts and stops.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { BrokerName } from './command-line.ts'

/** A running broker. */
export interface Broker {
  name: BrokerName
  url: string
  /** Stops it and removes its files, if the demo has started it. */
  close (): Promise<void>
}

interface Program {
  command: string
  args (port: number, folder: string): string[]
}

const PROGRAMS: Record<BrokerName, Program> = {
  redis: {
    command: 'redis-server',
    args: (port, folder) =>
      ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  },
  nats: {
    command: 'nats-server',
    args: (port, folder) =>
      ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder]
  }
}
// Servers are in sbin, which is not on every user's PATH.
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
const START_TIMEOUT = 15_000

/**
 * Returns the broker at `url`, or starts one on the loopback address and a free port, in a temporary folder.
 *
 * @throws Error that names the command to install it, if it is not installed
 */
export async function startBroker (name: BrokerName, url: string | undefined): Promise<Broker> {
  if (url !== undefined) return { name, url, close: async () => {} }
  const { args } = PROGRAMS[name]
  const path = programPath(name)
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'fastify-comet-demo-'))
  const child = spawn(path, args(port, folder), { stdio: 'ignore' })
  const end = (): void => {
    child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
  process.once('exit', end)
  await listening(child, port)
  return {
    name,
    url: `${name}://127.0.0.1:${port}`,
    async close () {
      process.removeListener('exit', end)
      const exited = child.exitCode === null && child.signalCode === null ? once(child, 'exit') : undefined
      child.kill('SIGKILL')
      await exited
      end()
    }
  }
}

function programPath (name: BrokerName): string {
  const { command } = PROGRAMS[name]
  const path = FOLDERS.map((folder) => join(folder, command)).find(isExecutable)
  if (path !== undefined) return path
  const install = `On Debian: sudo apt-get install -y ${command}`
  const connect = `Or pass the URL of a running one: --${name} ${name}://…`
  throw new Error(`${command} is not installed. ${install}. ${connect}`)
}

async function listening (child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + START_TIMEOUT
  while (!await accepts(port)) {
    if (child.exitCode !== null || performance.now() > deadline) {
      throw new Error(`${child.spawnfile} does not start`)
    }
    await pause(20)
  }
}

async function accepts (port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1')
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}

async function freePort (): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

function isExecutable (path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
