import { Comet } from 'fastify-comet/client'
import type {} from '../channels.ts'
import type { LiveMessage, LaneName, Traffic } from '../lanes.ts'
import { makeChart } from './chart.ts'
import { find, show } from './dom.ts'
import { Latencies } from './latencies.ts'
import { watchRequests } from './requests.ts'
import { pageTime } from './server-time.ts'
import type { ServerTime } from './server-time.ts'
import { DeliveryTracker } from './delivery-tracker.ts'

/** What a lane needs to know about the page. */
export interface LaneContext {
  /** of the lane's server */
  origin: string
  /** identifies this page in its requests, so that the server can count its traffic */
  page: string
  serverTime: ServerTime
}

const time = new Intl.DateTimeFormat('en-GB', {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3
})

/** One lane: a client on its transport, and everything that this browser measures about it. */
export class Lane {
  readonly name: LaneName
  readonly comet: Comet
  readonly #element: HTMLElement
  readonly #tracker = new DeliveryTracker()
  readonly #latencies = new Latencies()
  readonly #chart
  #latest: LiveMessage | undefined
  #opened = 0
  #finished = 0
  #received = 0
  #traffic: Traffic | undefined

  constructor (name: LaneName, { origin, page, serverTime }: LaneContext) {
    const prefix = `${origin}/comet`
    this.name = name
    this.#element = find(`[data-lane=${name}]`)
    this.#chart = makeChart(find('[data-chart]', this.#element))
    const transports = name === 'auto' ? {} : { transports: [name] }
    this.comet = new Comet(prefix, { ...transports, params: () => ({ page }) })
    this.comet.on('state', () => { if (this.comet.state === 'open') this.#opened++ })
    this.comet.subscribe('live', (message) => { this.#receive(message, serverTime.ahead) }, {
      onGap: () => { this.#tracker.gap() }
    })
    watchRequests(prefix, ({ transferSize }) => {
      this.#finished++
      this.#received += transferSize
    })
  }

  /** Sets the traffic that the server has counted for this lane of this page. */
  setTraffic (traffic: Traffic | undefined): void {
    this.#traffic = traffic
  }

  /** Paints the figures, and a new column of the chart. */
  paint (): void {
    this.#chart.draw(this.#latencies.step(performance.now()))
    this.#paintConnection()
    this.#paintMessages()
    this.#paintCost()
  }

  /** Paints the quantiles, which take longer to calculate. */
  paintQuantiles (): void {
    const [p50, p99] = this.#latencies.quantiles(performance.now(), 0.5, 0.99)
    this.#figure('p50', milliseconds(p50))
    this.#figure('p99', milliseconds(p99))
  }

  #receive (message: LiveMessage, ahead: number): void {
    if (!this.#tracker.see(message)) return
    this.#latest = message
    this.#latencies.add(pageTime() + ahead - message.at, performance.now())
  }

  #paintConnection (): void {
    const { state, transport } = this.comet
    this.#element.dataset.connection = state
    this.#figure('state', state)
    this.#figure('transport', transport ?? 'none')
    this.#figure('reconnects', Math.max(0, this.#connections() - 1))
  }

  /**
   * A client that replaces a silent stream before it closes it stays `open`: its states do not show every reconnect.
   */
  #connections (): number {
    const isStream = this.name === 'iframe' || this.name === 'eventsource'
    return Math.max(this.#opened, isStream ? this.#traffic?.requests ?? 0 : 0)
  }

  #paintMessages (): void {
    const { messages, lost, repeated, gaps, missing } = this.#tracker
    this.#figure('messages', messages)
    this.#figure('lost', lost)
    this.#figure('repeated', repeated)
    this.#figure('gaps', gaps)
    this.#note('missing', missing === 0 ? '' : `${missing} missing`)
    if (this.#latest !== undefined) this.#note('latest', `#${this.#latest.n} sent at ${time.format(this.#latest.at)}`)
  }

  #paintCost (): void {
    const { state } = this.comet
    const own = this.#finished + Number(state === 'open' || state === 'connecting')
    this.#figure('requests', this.#traffic?.requests ?? own)
    // The browser reveals the size of a response when it is complete, and a stream never is.
    const isKnownToBrowser = this.comet.transport === 'long-poll' && this.name === 'long-poll' && this.#received > 0
    const bytes = isKnownToBrowser ? this.#received : this.#traffic?.bytes ?? 0
    const { messages } = this.#tracker
    this.#figure('bytes', messages === 0 || bytes === 0 ? '–' : Math.round(bytes / messages))
    this.#note('source', isKnownToBrowser ? 'browser' : 'server')
    this.#paintNodes()
  }

  #paintNodes (): void {
    const { node, nodes } = this.#traffic ?? {}
    if (node === undefined || nodes === undefined) return
    this.#figure('node', node)
    const responses = Object.keys(nodes).sort().map((name) => `${name} ${nodes[name]}`)
    this.#note('nodes', `responses: ${responses.join(', ')}`)
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
