import { Comet } from 'fastify-comet/client'
import type {} from '../channels.ts'
import type { Beat, LaneName, Wire } from '../lanes.ts'
import { makeChart } from './chart.ts'
import { find, show } from './dom.ts'
import { Latencies } from './latencies.ts'
import { watchRequests } from './requests.ts'
import { pageTime } from './server-time.ts'
import type { ServerTime } from './server-time.ts'
import { Tracker } from './delivery-tracker.ts'

/** What a lane needs from the page. */
export interface LaneContext {
  /** where the lane's server is */
  origin: string
  /** names this page on the wire, so that its cost can be counted */
  page: string
  serverTime: ServerTime
}

const time = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 })

/** One lane: a client on its transport, and everything that is measured of it in this browser. */
export class Lane {
  readonly name: LaneName
  readonly comet: Comet
  readonly #element: HTMLElement
  readonly #tracker = new Tracker()
  readonly #latencies = new Latencies()
  readonly #chart
  #latest: Beat | undefined
  #opened = 0
  #finished = 0
  #received = 0
  #counted: Wire | undefined

  constructor (name: LaneName, { origin, page, serverTime }: LaneContext) {
    const prefix = `${origin}/comet`
    this.name = name
    this.#element = find(`[data-lane=${name}]`)
    this.#chart = makeChart(find('[data-chart]', this.#element))
    this.comet = new Comet(prefix, { ...name === 'auto' ? {} : { transports: [name] }, params: () => ({ page }) })
    this.comet.on('state', () => { if (this.comet.state === 'open') this.#opened++ })
    this.comet.subscribe('live', (beat) => { this.#see(beat, serverTime.ahead) }, { onGap: () => { this.#tracker.gap() } })
    watchRequests(prefix, ({ transferSize }) => {
      this.#finished++
      this.#received += transferSize
    })
  }

  /** What the server counted for this lane of this page. */
  counted (wire: Wire | undefined): void {
    this.#counted = wire
  }

  /** Paints the figures, and a new column of the chart. */
  paint (): void {
    this.#chart.draw(this.#latencies.step(performance.now()))
    this.#paintConnection()
    this.#paintMessages()
    this.#paintCost()
  }

  /** Paints what takes a while to work out. */
  paintQuantiles (): void {
    const [p50, p99] = this.#latencies.quantiles(performance.now(), 0.5, 0.99)
    this.#figure('p50', milliseconds(p50))
    this.#figure('p99', milliseconds(p99))
  }

  #see (beat: Beat, ahead: number): void {
    if (!this.#tracker.see(beat)) return
    this.#latest = beat
    this.#latencies.add(pageTime() + ahead - beat.at, performance.now())
  }

  #paintConnection (): void {
    const { state, transport } = this.comet
    this.#element.dataset.connection = state
    this.#figure('state', state)
    this.#figure('transport', transport ?? 'none')
    this.#figure('reconnects', Math.max(0, this.#connections() - 1))
  }

  /** A client that replaces a silent stream before it gives it up was never away, so that its states do not tell. */
  #connections (): number {
    const isStream = this.name === 'iframe' || this.name === 'eventsource'
    return Math.max(this.#opened, isStream ? this.#counted?.requests ?? 0 : 0)
  }

  #paintMessages (): void {
    const { messages, lost, repeated, gaps, missing } = this.#tracker
    this.#figure('messages', messages)
    this.#figure('lost', lost)
    this.#figure('repeated', repeated)
    this.#figure('gaps', gaps)
    this.#note('missing', missing === 0 ? '' : `${missing} missing`)
    if (this.#latest !== undefined) this.#note('latest', `#${this.#latest.n} said at ${time.format(this.#latest.at)}`)
  }

  #paintCost (): void {
    const { state } = this.comet
    this.#figure('requests', this.#counted?.requests ?? this.#finished + Number(state === 'open' || state === 'connecting'))
    // The browser tells the size of an answer when it is complete, and a stream never is.
    const browserKnows = this.comet.transport === 'long-poll' && this.name === 'long-poll' && this.#received > 0
    const bytes = browserKnows ? this.#received : this.#counted?.bytes ?? 0
    const { messages } = this.#tracker
    this.#figure('bytes', messages === 0 || bytes === 0 ? '–' : Math.round(bytes / messages))
    this.#note('source', browserKnows ? 'browser' : 'server')
    this.#paintNodes()
  }

  #paintNodes (): void {
    const { node, nodes } = this.#counted ?? {}
    if (node === undefined || nodes === undefined) return
    this.#figure('node', node)
    const answers = Object.keys(nodes).sort().map((name) => `${name} ${nodes[name]}`)
    this.#note('nodes', `answers so far: ${answers.join(', ')}`)
  }

  #figure (name: string, value: string | number): void {
    show(find(`[data-figure=${name}]`, this.#element), String(value))
  }

  #note (name: string, text: string): void {
    show(find(`[data-note=${name}]`, this.#element), text)
  }
}

function milliseconds (value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  return value < 100 ? Math.max(0, value).toFixed(1) : value.toFixed(0)
}
