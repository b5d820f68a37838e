// The client in real browsers, behind a proxy that mistreats it: as it connects, and again while its stream runs.
import t from 'tap'
import type { Test } from 'tap'
import { engines, type Browser, type Page } from '../fixtures/browsers.ts'
import { servePages } from '../fixtures/client-pages.ts'
import { begin, carriedBy, isOpen, networkChanged, received, seenBy } from '../fixtures/client-watch.ts'
import { startHostileProxy, type Behaviour, type HostileProxy, type Rule } from '../fixtures/hostile-proxy.ts'
import { startRun } from '../fixtures/numbered-run.ts'
import { needs } from '../fixtures/requirement.ts'
import type { TestServer } from '../fixtures/server.ts'
import { until } from '../fixtures/until.ts'

type Felt = (proxy: HostileProxy, page: Page) => Promise<unknown>

interface Mischief {
  rule: Rule
  /** Resolves when the client has had its share of it. */
  felt: Felt
  /** It concerns new requests only. */
  breaks?: boolean
}

const HEARTBEAT = 1000
const INTERVAL = 50

const onAll = (behaviour: Behaviour): Rule => (target) => target.startsWith('/comet/') ? behaviour : { does: 'forward' }
const onStreams = (behaviour: Behaviour): Rule => (target) => target.startsWith('/comet/eventsource')
  ? behaviour
  : { does: 'forward' }

const triedTwice: Felt = async (proxy) => {
  await proxy.request('/comet/')
  await proxy.request('/comet/')
}
const fellBack: Felt = (_proxy, page) => carriedBy(page, 'long-poll')
const itIsOver: Felt = (proxy) => until(() => typeof proxy.rule === 'object')
const moreCame: Felt = async (_proxy, page) => {
  const { data } = await seenBy(page)
  await received(page, data.length + 10)
}

const MISCHIEF: Record<string, Mischief> = {
  'drips single bytes': { rule: onAll({ does: 'drip' }), felt: moreCame },
  // In the middle of the frames, where the first request is concerned.
  'cuts after 800 bytes': { rule: onAll({ does: 'cut', after: 800 }), felt: triedTwice },
  'swallows an answer': { rule: onAll({ does: 'swallow' }), felt: itIsOver },
  'holds streams back': { rule: onStreams({ does: 'hold', direction: 'down' }), felt: fellBack },
  'holds everything back': { rule: onAll({ does: 'hold' }), felt: triedTwice },
  'goes half-open': { rule: onAll({ does: 'stall' }), felt: triedTwice },
  'answers 502': { rule: onAll({ does: 'refuse', status: 502 }), felt: triedTwice, breaks: true },
  'gzips what it has whole': { rule: onAll({ does: 'gzip' }), felt: fellBack, breaks: true },
  'cuts after 1 byte': { rule: onAll({ does: 'cut', after: 1 }), felt: triedTwice },
  'cuts after 300 bytes': { rule: onAll({ does: 'cut', after: 300 }), felt: triedTwice },
  'cuts after 3000 bytes': { rule: onAll({ does: 'cut', after: 3000 }), felt: triedTwice }
}

for (const engine of engines) {
  t.test(engine.name, async (t) => {
    if (!needs(t, engine.name)) return
    const server = await servePages(t, { heartbeatInterval: HEARTBEAT })
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    t.jobs = 4
    // The others see the first three: there, what a browser does with broken answers counts.
    for (const [name, mischief] of Object.entries(MISCHIEF).slice(0, engine.name === 'chromium' ? undefined : 3)) {
      t.test(`the proxy ${name}`, { buffered: true }, async (t) => {
        const { page, proxy } = await openBehind(t, server, browser)
        await suffer(t, name, mischief, { page, proxy, server })
      })
    }
  })
}

interface Setting { page: Page, proxy: HostileProxy, server: TestServer }

async function openBehind (t: Test, server: TestServer, browser: Browser): Promise<Pick<Setting, 'page' | 'proxy'>> {
  const proxy = await startHostileProxy(server.port)
  t.teardown(() => proxy.stop())
  const page = await browser.open(`http://127.0.0.1:${proxy.port}/classic`)
  t.teardown(() => page.close())
  return { page, proxy }
}

async function suffer (
  t: Test, channel: string, { rule, felt, breaks = false }: Mischief, { page, proxy, server: { app } }: Setting
): Promise<void> {
  const misbehave = async (begin: () => Promise<unknown> | unknown): Promise<void> => {
    proxy.behave(rule)
    await Promise.all([felt(proxy, page), begin()])
    proxy.behave({ does: 'forward' })
    await recover(page)
  }
  const cursor = app.comet.cursor()
  const run = startRun(t, app, channel, INTERVAL)
  await misbehave(() => begin(page, { cursor }, channel))
  await misbehave(() => { if (breaks) cut(proxy) })
  const published = await run.stop()
  await received(page, published.length - 1)
  const { data, gaps, errors, states, transports } = await seenBy(page)
  t.same(data, published, 'everything, in order, once')
  t.same([gaps, errors], [0, []])
  t.comment(`${data.length} messages over ${transports.join(', ')}; ${states.join(', ')}`)
}

/** A client that happens to be connecting when the network changes is asked once more. */
async function recover (page: Page): Promise<void> {
  await networkChanged(page)
  await isOpen(page)
  await networkChanged(page)
  await carriedBy(page, 'eventsource')
}

function cut ({ links }: HostileProxy): void {
  for (const link of links) link.cut()
}
