// The chat, as its tests see it.
import { setTimeout as pause } from 'node:timers/promises'
import type { Browser, Page } from '../fixtures/browsers.ts'

export const TRANSPORTS = ['iframe', 'long-poll', 'eventsource', 'auto']

/** Opens the chat and waits until it listens. */
export async function openChat (browser: Browser, url: string, transport = 'auto'): Promise<Page> {
  const page = await browser.open(`${url}/chat?transport=${transport}`)
  await page.waitFor(() => document.querySelector('[data-figure=state]')?.textContent === 'open')
  return page
}

const lines = (page: Page): Promise<string[]> =>
  page.evaluate(() => Array.from(document.querySelectorAll('[data-line] .text'), (line) => line.textContent ?? ''))

export async function awaitLines (page: Page, count: number): Promise<string[]> {
  await page.waitFor((count: number) => document.querySelectorAll('[data-line]').length >= count, {}, count)
  // One that came twice would come by now.
  await pause(200)
  return await lines(page)
}

export async function say (page: Page, from: string, text: string): Promise<void> {
  await page.evaluate(() => { for (const input of document.querySelectorAll('input')) input.value = '' })
  await page.type('input[name=from]', from)
  await page.type('input[name=text]', text)
  await page.click('button[type=submit]')
}
