// One node of several: a process of its own, started by the demo. It ends when the demo does.
import type { AddressInfo } from 'node:net'
import type { Order, NodeSettings, Report } from './messages.ts'
import { SETTINGS } from './messages.ts'
import { authorize } from '../authorize.ts'
import { launch } from '../backend.ts'
import { openLog } from './log.ts'

const TELL_EVERY = 500

const { name, engine, url, origins } = JSON.parse(process.env[SETTINGS] ?? '{}') as NodeSettings
const app = await launch(origins, {
  node: name,
  log: await openLog(engine, url),
  publishRoute: true,
  authorize: (request, question) => question.action === 'subscribe' || authorize(request, question)
})

process.on('message', (order: Order) => { publish(order).catch((error: unknown) => app.log.error(error)) })
process.once('disconnect', () => { app.close().then(() => process.exit(0), () => process.exit(1)) })
setInterval(() => tell({ type: 'stats', stats: app.comet.stats() }), TELL_EVERY)
tell({ type: 'listening', port: (app.server.address() as AddressInfo).port })

async function publish ({ number, channel, data, key }: Order): Promise<void> {
  try {
    await app.comet.publish(channel, data, { key })
    tell({ type: 'published', number })
  } catch (error) {
    tell({ type: 'refused', number, reason: String(error) })
  }
}

function tell (report: Report): void {
  if (process.connected) process.send?.(report)
}
