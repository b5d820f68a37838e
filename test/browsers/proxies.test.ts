// The client in real browsers, behind real reverse proxies.
import t from 'tap'
import type { Test } from 'tap'
import { engines, type Browser, type Page } from '../fixtures/browsers.ts'
import { servePages, type Seen } from '../fixtures/client-pages.ts'
import { begin, carriedBy, networkChanged, received, seenBy } from '../fixtures/client-watch.ts'
import { startRun } from '../fixtures/numbered-run.ts'
import { proxies, proxyNames, startProxy, type Proxy, type ProxyName } from '../fixtures/proxies.ts'
import { needs } from '../fixtures/requirement.ts'
import type { TestServer } from '../fixtures/server.ts'

declare const seen: Seen

for (const engine of engines) {
  t.test(engine.name, async (t) => {
    if (!needs(t, engine.name)) return
    const server = await servePages(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())

    // What a proxy does to a stream is the same for all browsers: the others see two of them, and Chromium all.
    for (const name of proxyNames.filter((name) => engine.name === 'chromium' ||
      /nginx-buffering|haproxy/.test(name))) {
      t.test(name, async (t) => {
        if (!needs(t, proxies[name].needs)) return
        const { page, proxy } = await openBehind(t, name, server, browser)
        // nginx passes a buffer on when it is full: with more traffic than this, a stream would look alive.
        const run = startRun(t, server.app, name, name === 'nginx-buffering' ? 100 : 10)
        await begin(page, {}, name, { history: 1000 })
        if (name === 'nginx-buffering') await fallBackAndReturn(t, page, proxy)
        await carriedBy(page, 'eventsource')
        await received(page, 50)
        const published = await run.stop()
        await received(page, published.length - 1)
        const { data, gaps, errors, transports, first } = await seenBy(page)
        t.same(data, published, 'everything, in order, once')
        t.same([gaps, errors], [0, []])
        t.comment(
          `${engine.name}, ${name}: ${data.length} messages over ${transports.join(', ')}, the first after ${first} ms`
        )
      })
    }
  })
}

async function openBehind (
  t: Test, name: ProxyName, server: TestServer, browser: Browser
): Promise<{ page: Page, proxy: Proxy }> {
  const proxy = await startProxy(name, server.port)
  t.teardown(() => proxy.stop())
  const page = await browser.open(`http://127.0.0.1:${proxy.port}/classic`)
  t.teardown(() => page.close())
  return { page, proxy }
}

async function fallBackAndReturn (t: Test, page: Page, proxy: Proxy): Promise<void> {
  await carriedBy(page, 'long-poll')
  const soon = await page.waitFor(() => seen.soon !== null && String(seen.soon))
  t.ok(Number(soon) > 0, `${soon} messages one second after the deadline`)
  await proxy.reload('nginx')
  await networkChanged(page)
  await carriedBy(page, 'eventsource')
  t.same((await seenBy(page)).transports, ['long-poll', 'eventsource'])
}
