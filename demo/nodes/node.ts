// One of several nodes: a separate process, started by the demo. It ends when the demo does.
import type { AddressInfo } from 'node:net'
import { authorize } from '../authorize.ts'
import { startServer } from '../backend.ts'
import { openLog } from './log.ts'
import { SETTINGS } from './messages.ts'
import type { NodeReport, NodeSettings, PublishRequest } from './messages.ts'

const STATS_INTERVAL = 500

const { name, broker, url, origins } = JSON.parse(process.env[SETTINGS] ?? '{}') as NodeSettings
const app = await startServer(origins, {
  node: name,
  log: await openLog(broker, url),
  publishRoute: true,
  authorize: (request, question) => question.action === 'subscribe' || authorize(request, question)
})

process.on('message', (request: PublishRequest) => {
  publish(request).catch((error: unknown) => app.log.error(error))
})
process.once('disconnect', () => { app.close().then(() => process.exit(0), () => process.exit(1)) })
setInterval(() => send({ type: 'stats', stats: app.comet.stats() }), STATS_INTERVAL)
send({ type: 'listening', port: (app.server.address() as AddressInfo).port })

async function publish ({ number, channel, data, key }: PublishRequest): Promise<void> {
  try {
    await app.comet.publish(channel, data, { key })
    send({ type: 'published', number })
  } catch (error) {
    send({ type: 'refused', number, reason: String(error) })
  }
}

function send (report: NodeReport): void {
  if (process.connected) process.send?.(report)
}
