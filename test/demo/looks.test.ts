import { mkdir, readFile, stat } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import t from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { PAGES, startDemo } from './start.ts'

const SHOTS = fileURLToPath(new URL('../../build/screenshots/', import.meta.url))
const SIZES = [{ width: 1440, height: 900 }, { width: 390, height: 844 }]
// The narrowest and the widest, and one where the layout changes.
const MORE_SIZES = [{ width: 360, height: 740 }, { width: 768, height: 1024 }, { width: 2560, height: 1440 }]
const MAX_SCRIPT_BYTES = 30 * 1024

const addresses = [['side-by-side', '/'], ['clock', '/clock'], ['chat', '/chat']] as const

for (const dark of [false, true]) {
  const scheme = dark ? 'dark' : 'light'

  t.test(`every page fits every screen, ${scheme}`, async (t) => {
    if (!needs(t, 'chromium')) return
    await mkdir(SHOTS, { recursive: true })
    const { app, url } = await startDemo(t)
    for (let i = 1; i <= 12; i++) {
      await app.comet.publish('chat', {
        from: ['Ada', 'Grace', 'Zoë'][i % 3] as string, text: `Line ${i}, which is said to fill the page`
      })
    }
    const browser = await chromium.launch({ dark })
    t.teardown(() => browser.close())
    for (const [name, address] of addresses) {
      const page = await browser.open(url + address)
      await page.waitFor(() => Array.from(document.querySelectorAll('[data-figure=messages]'))
        .every((figure) => Number(figure.textContent) > 2))
      for (const size of dark ? SIZES : [...SIZES, ...MORE_SIZES]) {
        const path = `${SHOTS}${name}-${size.width}x${size.height}-${scheme}.png`
        await page.screenshot(path, size)
        t.ok((await stat(path)).size > 10_000, path)
        t.ok(await page.evaluate(() =>
          document.documentElement.scrollWidth <= innerWidth), `${name} is not wider than ${size.width} pixels`)
      }
      t.same(page.console, [], `${name}: no console error`)
    }
  })
}

t.test('the front page’s script is small', async (t) => {
  const bytes = async (path: string): Promise<number> => gzipSync(await readFile(path), { level: 9 }).length
  const chart = await bytes(fileURLToPath(new URL('../../node_modules/uplot/dist/uPlot.iife.min.js', import.meta.url)))
  const own = await bytes(`${PAGES}assets/index.js`) - chart
  t.ok(own < MAX_SCRIPT_BYTES, `${own} bytes gzipped beside the chart's library, of ${MAX_SCRIPT_BYTES}`)
})

t.test('the pages may run nothing but their own files', async (t) => {
  const { url } = await startDemo(t)
  for (const [, address] of addresses) {
    const { headers } = await fetch(url + address)
    const policy = headers.get('content-security-policy') ?? ''
    t.match(policy, "default-src 'none'")
    t.match(policy, "script-src 'self';")
    t.notMatch(policy, /unsafe|\*/)
    t.equal(headers.get('x-content-type-options'), 'nosniff')
  }
})
