// What befalls a server, and what its clients notice of it.
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { ServerProcess } from './server-process.ts'
import { all, type Witness, witnesses } from './witness.ts'

export interface Scale {
  readonly clients: number
  /** how long a misfortune lasts, ms */
  readonly ms: number
}

/** What was found, and whether it is as it should be. */
export type Finding = readonly [what: string, isRight: boolean]

const CHANNELS = 5
const OPTIONS = { heartbeatInterval: 1000, pollTimeout: 2000 }

interface Scene {
  server: ServerProcess
  readonly clients: Witness[]
  readonly findings: Finding[]
  /** the reasons, all of them */
  expectedGaps: '' | 'restarted'
}

export type Misfortune = (scene: Scene, scale: Scale) => Promise<void>

/** Plays one: clients listen, messages flow, it happens, and then all of them must be told of a last message. */
export async function play (misfortune: Misfortune, scale: Scale, files?: number): Promise<Finding[]> {
  const server = await ServerProcess.start(OPTIONS, files === undefined ? {} : { files })
  const scene: Scene = {
    server, clients: witnesses(server.port, scale.clients, CHANNELS), findings: [], expectedGaps: ''
  }
  try {
    await all(scene.clients, ({ comet }) => comet.state === 'open')
    await server.tell({ do: 'publish', channels: CHANNELS, rate: 50 })
    await all(scene.clients, ({ last }) => last > 0)
    await misfortune(scene, scale)
    await finish(scene)
    return scene.findings
  } finally {
    for (const { comet } of scene.clients) comet.close()
    scene.server.signal('SIGCONT')
    await scene.server.kill()
  }
}

async function finish ({ server, clients, findings, expectedGaps }: Scene): Promise<void> {
  await server.tell({ do: 'rest' })
  const last = await server.tell<number[]>({ do: 'once', channels: CHANNELS })
  const took = await all(clients, (one) => one.last === last[one.channel])
  const complete = clients.filter((one) => one.last === last[one.channel]).length
  findings.push([`${complete} of ${clients.length} clients have the last message`, took !== undefined])
  const sum = (of: (one: Witness) => number): number => clients.reduce((total, one) => total + of(one), 0)
  findings.push([
    `lost ${sum(({ lost }) => lost)}, repeated ${sum(({ repeated }) => repeated)}`,
    sum(({ lost, repeated }) => lost + repeated) === 0
  ])
  const reasons = [...new Set(clients.flatMap(({ gaps }) => gaps))].join()
  findings.push([`gaps for ${reasons || 'nothing'}`, reasons === expectedGaps])
}

const stopped: Misfortune = async (scene, { ms }) => {
  scene.server.signal('SIGSTOP')
  await pause(ms)
  scene.server.signal('SIGCONT')
}

const blocked: Misfortune = async (scene, { ms }) => {
  await scene.server.tell({ do: 'block', ms })
}

const clockTurnedBack: Misfortune = async (scene) => {
  await scene.server.tell({ do: 'turn the clock back', ms: 3_600_000 })
  // Heartbeats and polls go on falling due: a client that heard nothing for this long would come back.
  const before = scene.clients.map(({ last }) => last)
  await all(scene.clients, (one) => one.last > (before[scene.clients.indexOf(one)] ?? 0) + 10)
}

const outOfFiles: Misfortune = async (scene, { clients }) => {
  const { server, findings } = scene
  const crowd: Socket[] = []
  for (let i = 0; i < 3 * clients + 100; i++) {
    crowd.push(connect({ port: server.port, host: '127.0.0.1' }).on('error', () => { /* it was turned away */ }))
  }
  const before = scene.clients.map(({ last }) => last)
  const goesOn = await all(scene.clients.filter(({ comet }) => comet.transport !== 'long-poll'), (one) =>
    one.last > (before[scene.clients.indexOf(one)] ?? 0) + 3)
  findings.push(['streams go on while there are no descriptors', goesOn !== undefined])
  for (const socket of crowd) socket.destroy()
  findings.push(['a new client is let in afterwards', await isLetIn(server.port)])
}

async function isLetIn (port: number): Promise<boolean> {
  for (let i = 0; i < 100; i++) {
    if ((await statusLine(port)).startsWith('HTTP/1.1 200')) return true
    await pause(100)
  }
  return false
}

/** What a poll is answered first; nothing where it is turned away. */
async function statusLine (port: number): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.write('GET /comet/long-poll?channel=a HTTP/1.1\r\nhost: localhost\r\n\r\n')
  return await new Promise((resolve) => {
    socket.on('error', () => { /* close follows */ })
    socket.on('close', () => { resolve('') })
    socket.on('data', (bytes) => {
      resolve(String(bytes))
      socket.destroy()
    })
  })
}

const killed: Misfortune = async (scene) => {
  const { port } = scene.server
  await scene.server.kill()
  scene.server = await ServerProcess.start(OPTIONS, { port })
  const took = await all(scene.clients, ({ gaps }) => gaps.length > 0)
  scene.findings.push([
    `all clients were told of the restart, ${Math.round(took ?? NaN)} ms after it`, took !== undefined
  ])
  scene.expectedGaps = 'restarted'
}

export const misfortunes: Record<string, { play: Misfortune, needsFewFiles?: true }> = {
  'stopped for a while': { play: stopped },
  blocked: { play: blocked },
  'turned back an hour by its clock': { play: clockTurnedBack },
  'out of file descriptors': { play: outOfFiles, needsFewFiles: true },
  'killed and started again': { play: killed }
}
