import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { chromium, engines } from '../fixtures/browsers.ts'
import type { Browser, Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { buildApp } from '../../demo/app.ts'
import { PAGES, startDemo } from './start.ts'

const TRANSPORTS = ['iframe', 'long-poll', 'eventsource', 'auto']

/** Opens the chat and waits until it listens. */
async function openChat (browser: Browser, url: string, transport = 'auto'): Promise<Page> {
  const page = await browser.open(`${url}/chat?transport=${transport}`)
  await page.waitFor(() => document.querySelector('[data-figure=state]')?.textContent === 'open')
  return page
}

const lines = (page: Page): Promise<string[]> => page.evaluate(() => Array.from(document.querySelectorAll('[data-line] .text'), (line) => line.textContent ?? ''))

async function awaitLines (page: Page, count: number): Promise<string[]> {
  await page.waitFor((count: number) => document.querySelectorAll('[data-line]').length >= count, {}, count)
  // One that came twice would come by now.
  await pause(200)
  return await lines(page)
}

async function say (page: Page, from: string, text: string): Promise<void> {
  await page.evaluate(() => { for (const input of document.querySelectorAll('input')) input.value = '' })
  await page.type('input[name=from]', from)
  await page.type('input[name=text]', text)
  await page.click('button[type=submit]')
}

for (const engine of engines) {
  t.test(`${engine.name}: twenty lines within a second arrive on every transport, in order, once`, async (t) => {
    if (!needs(t, engine.name)) return
    const { app, url } = await startDemo(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    const pages: Page[] = []
    for (const transport of TRANSPORTS) pages.push(await openChat(browser, url, transport))

    const said = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`)
    for (const text of said) {
      await app.comet.publish('chat', { from: 'Ada', text })
      await pause(40)
    }
    for (const [i, page] of pages.entries()) {
      t.same(await awaitLines(page, 20), said, `on ${TRANSPORTS[i]}`)
      t.same(page.console, [], `${TRANSPORTS[i]}: no console error`)
    }
  })
}

t.test('chromium', async (t) => {
  if (!needs(t, 'chromium')) return
  const browser = await chromium.launch()
  t.teardown(() => browser.close())

  await t.test('a line typed in one window appears in all', async (t) => {
    const { url } = await startDemo(t)
    const [one, other] = [await openChat(browser, url, 'iframe'), await openChat(browser, url, 'long-poll')]
    await say(one, 'Ada', 'hello')
    t.same(await awaitLines(other, 1), ['hello'])
    await say(other, 'Grace', 'good morning')
    t.same(await awaitLines(one, 2), ['hello', 'good morning'])
    t.equal(await one.evaluate(() => document.querySelector('[data-line] .from')?.textContent), 'Ada')
  })

  await t.test('lines typed faster than they can be sent keep their order', async (t) => {
    const { url } = await startDemo(t)
    const page = await openChat(browser, url)
    const typed = await page.evaluate(() => {
      const [from, text] = ['from', 'text'].map((name) => document.querySelector(`input[name=${name}]`) as HTMLInputElement) as [HTMLInputElement, HTMLInputElement]
      from.value = 'Ada'
      return Array.from({ length: 20 }, (_, i) => {
        text.value = `typed ${i}`
        document.querySelector<HTMLButtonElement>('button[type=submit]')?.click()
        return `typed ${i}`
      })
    })
    t.same(await awaitLines(page, 20), typed)
  })

  await t.test('a new window shows the last fifty lines', async (t) => {
    const { app, url } = await startDemo(t)
    const said = Array.from({ length: 60 }, (_, i) => `line ${i + 1}`)
    for (const text of said) await app.comet.publish('chat', { from: 'Ada', text })
    for (const transport of TRANSPORTS) {
      const page = await openChat(browser, url, transport)
      t.same(await awaitLines(page, 50), said.slice(-50), transport)
      await page.close()
    }
  })

  await t.test('a line of HTML is shown as text', async (t) => {
    const { url } = await startDemo(t)
    const page = await openChat(browser, url)
    const evil = '<img src=x onerror="document.title = 1"><script>document.title = 2</script>'
    await say(page, '<b>Eve</b>', evil)
    t.same(await awaitLines(page, 1), [evil])
    t.equal(await page.evaluate(() => document.querySelectorAll('[data-line] :is(img, script, b b)').length), 0)
    t.match(await page.evaluate(() => document.title), /Chat/)
    t.same(page.console, [])
  })

  await t.test('what is no line is refused, with the reason on the page', async (t) => {
    const { url } = await startDemo(t)
    const page = await openChat(browser, url)
    await say(page, 'Ada', '   ')
    t.match(await page.waitFor(() => document.querySelector('[data-problem]')?.textContent), /type something/)
    await page.evaluate(() => document.querySelector('input[name=text]')?.removeAttribute('maxlength'))
    await say(page, 'Ada', 'x'.repeat(501))
    t.match(await page.waitFor(() => /Not sent.*/.exec(document.querySelector('[data-problem]')?.textContent ?? '')?.[0]), /501 characters, the limit is 500/)
    t.equal(await page.evaluate(() => document.querySelector<HTMLInputElement>('input[name=text]')?.value.length), 501, 'the line is back in the form')
  })

  await t.test('a server that goes away is told on the page, and so is what it forgot', async (t) => {
    const first = await startDemo(t)
    const page = await openChat(browser, first.url)
    await first.app.comet.publish('chat', { from: 'Ada', text: 'before' })
    await awaitLines(page, 1)
    await first.app.close()
    t.match(await page.waitFor(() => document.querySelector('[data-notice]')?.textContent, { timeout: 20_000 }), /does not answer/)

    const second = await buildApp({ root: PAGES })
    t.teardown(() => second.close())
    await second.listen({ host: '127.0.0.1', port: Number(new URL(first.url).port) })
    t.match(await page.waitFor(() => document.querySelector('.note')?.textContent, { timeout: 30_000 }), /missing/)
    t.equal(await page.evaluate(() => document.querySelector('[data-notice]')?.textContent), '')
    await second.comet.publish('chat', { from: 'Ada', text: 'after' })
    t.same(await awaitLines(page, 2), ['before', 'after'])
  })
})
