// The engine behind the log: one that runs already, or one of the demo's own, for as long as the demo lasts.
import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { EngineName } from './command-line.ts'

/** An engine that answers. */
export interface Engine {
  name: EngineName
  url: string
  /** Ends it, where it is the demo's own, and leaves nothing of it behind. */
  close (): Promise<void>
}

interface Program {
  command: string
  args (port: number, folder: string): string[]
}

const PROGRAMS: Record<EngineName, Program> = {
  redis: {
    command: 'redis-server',
    args: (port, folder) => ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '', '--appendonly', 'no']
  },
  nats: {
    command: 'nats-server',
    args: (port, folder) => ['--addr', '127.0.0.1', '--port', String(port), '--jetstream', '--store_dir', folder]
  }
}
// Servers are in sbin, which is not on everybody's PATH.
const FOLDERS = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin']
const PATIENCE = 15_000

/**
 * The engine at that address, or one of our own, on the loopback address and a free port, in a temporary folder.
 *
 * @throws Error that names the command that installs it, where it is not installed
 */
export async function startEngine (name: EngineName, url: string | undefined): Promise<Engine> {
  if (url !== undefined) return { name, url, close: async () => {} }
  const { command, args } = PROGRAMS[name]
  const path = FOLDERS.map((folder) => join(folder, command)).find(isExecutable)
  if (path === undefined) throw new Error(`${command} is not installed. On Debian: sudo apt-get install -y ${command}. Or tell where one runs: --${name} ${name}://…`)
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

async function listening (child: ChildProcess, port: number): Promise<void> {
  const deadline = performance.now() + PATIENCE
  while (!await accepts(port)) {
    if (child.exitCode !== null || performance.now() > deadline) throw new Error(`${child.spawnfile} does not start`)
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
