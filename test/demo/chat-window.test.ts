import t from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { buildApp } from '../../demo/app.ts'
import { awaitLines, openChat, say, TRANSPORTS } from './chat-page.ts'
import { PAGES, startDemo } from './start.ts'

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
      const [from, text] = ['from', 'text'].map((name) =>
        document.querySelector(`input[name=${name}]`) as HTMLInputElement) as [HTMLInputElement, HTMLInputElement]
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
    t.match(await page.waitFor(() => document.querySelector('[data-problem]')?.textContent), /enter a message/)
    await page.evaluate(() => document.querySelector('input[name=text]')?.removeAttribute('maxlength'))
    await say(page, 'Ada', 'x'.repeat(501))
    t.match(
      await page.waitFor(() => /Not sent.*/.exec(document.querySelector('[data-problem]')?.textContent ?? '')?.[0]),
      /501 characters, the limit is 500/
    )
    t.equal(await page.evaluate(() =>
      document.querySelector<HTMLInputElement>('input[name=text]')?.value.length), 501, 'the line is back in the form')
  })

  await t.test('a server that goes away is told on the page, and so is what it forgot', async (t) => {
    const first = await startDemo(t)
    const page = await openChat(browser, first.url)
    await first.app.comet.publish('chat', { from: 'Ada', text: 'before' })
    await awaitLines(page, 1)
    await first.app.close()
    t.match(
      await page.waitFor(() => document.querySelector('[data-notice]')?.textContent, { timeout: 20_000 }),
      /does not respond/
    )

    const second = await buildApp({ root: PAGES })
    t.teardown(() => second.close())
    await second.listen({ host: '127.0.0.1', port: Number(new URL(first.url).port) })
    t.match(await page.waitFor(() => document.querySelector('.note')?.textContent, { timeout: 30_000 }), /missing/)
    t.equal(await page.evaluate(() => document.querySelector('[data-notice]')?.textContent), '')
    await second.comet.publish('chat', { from: 'Ada', text: 'after' })
    t.same(await awaitLines(page, 2), ['before', 'after'])
  })
})
