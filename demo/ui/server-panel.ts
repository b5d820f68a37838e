import type { NodeStatus, ServerStatus } from '../lanes.ts'
import { find, show } from './dom.ts'

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Shows the server's status. */
export function showServer (panel: HTMLElement, { stats, testbed, nodes }: ServerStatus): void {
  if (nodes.length > 0) show(find('[data-server=nodes]', panel), nodes.map(nodeInWords).join(', '))
  if (stats === undefined) return
  const { connections, history } = stats
  const figures: Record<string, string | number> = {
    eventsource: connections.eventsource,
    iframe: connections.iframe,
    'long-poll': connections['long-poll'],
    published: stats.published,
    delivered: stats.delivered,
    sent: inBytes(stats.bytesSent),
    'history-messages': history.messages,
    'history-bytes': inBytes(history.bytes),
    rate: testbed.rate
  }
  for (const [name, value] of Object.entries(figures)) show(find(`[data-server=${name}]`, panel), String(value))
}

function nodeInWords ({ name, isUp, publishes, connections }: NodeStatus): string {
  if (!isUp) return `${name} is down`
  return `${name} has ${connections}${publishes ? ' and publishes' : ''}`
}

function inBytes (bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(1, bytes)) / 10))
  return `${(bytes / 1024 ** unit).toFixed(unit === 0 ? 0 : 1)} ${UNITS[unit]}`
}
