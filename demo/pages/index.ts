import { LANE_NAMES } from '../lanes.ts'
import type { LaneName, LanePorts } from '../lanes.ts'
import { chosenTransport, markSwitch } from '../ui/transport-choice.ts'
import { makeControls } from '../ui/controls.ts'
import { enableCopy } from '../ui/copy.ts'
import { find, show } from '../ui/dom.ts'
import { showFeatures } from '../ui/features.ts'
import { Lane } from '../ui/lane.ts'
import { COLUMN_MS } from '../ui/latencies.ts'
import { logError } from '../ui/log-error.ts'
import { showServer } from '../ui/server-panel.ts'
import { ServerTime } from '../ui/server-time.ts'
import { makeTimeline } from '../ui/timeline.ts'

const QUERIES: Record<LaneName, string> = {
  iframe: 'iframe?channel=live',
  'long-poll': 'long-poll?channel=live&history=3',
  eventsource: 'eventsource?channel=live',
  auto: 'eventsource?channel=server'
}

const page = crypto.getRandomValues(new Uint32Array(4)).join('-')
const serverTime = new ServerTime()
const controls = makeControls(find('[data-controls]'))

markSwitch(chosenTransport())
showFeatures(find('[data-features]'))
enableCopy()
serverTime.start()
lanePorts().then(start).catch(logError)

async function lanePorts (): Promise<LanePorts> {
  const response = await fetch('/lanes')
  return await response.json() as LanePorts
}

function start (ports: LanePorts): void {
  const lanes = LANE_NAMES.map((name) => {
    const origin = `http://${location.hostname}:${ports[name]}`
    show(find(`#command-${name}`), `curl -N '${origin}/comet/${QUERIES[name]}'`)
    return new Lane(name, { origin, page, serverTime })
  })
  showServerStatus(lanes)
  paint(lanes)
}

function showServerStatus (lanes: Lane[]): void {
  const panel = find('[data-server-panel]')
  const { comet } = lanes.find(({ name }) => name === 'auto') as Lane
  comet.subscribe('server', (status) => {
    showServer(panel, status)
    controls.show(status.testbed)
    for (const lane of lanes) lane.setTraffic(status.traffic[page]?.[lane.name])
  }, { history: 1 })
}

function paint (lanes: Lane[]): void {
  const { comet } = lanes.find(({ name }) => name === 'auto') as Lane
  const timeline = makeTimeline(comet, find('[data-strip]'), find('[data-timeline]'))
  setInterval(() => { for (const lane of lanes) lane.paint() }, COLUMN_MS)
  setInterval(() => {
    for (const lane of lanes) lane.paintQuantiles()
    timeline.second()
    const { ahead, error } = serverTime
    if (error !== null) show(find('[data-clocks]'), `${Math.abs(ahead).toFixed(1)} ± ${error.toFixed(1)} ms`)
  }, 1000)
}
