import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { engines } from '../fixtures/browsers.ts'
import type { Browser, Engine, LaunchOptions, Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'

const html = `<!doctype html><title>first</title>
<input name=text><button onclick="document.title = document.querySelector('input').value">Set the title</button>`

for (const engine of engines) {
  t.test(engine.name, async (t) => {
    if (!needs(t, engine.name)) return
    const url = await serve(t)
    const browser = await launch(t, engine)

    t.test('evaluates functions and expressions in the page', async (t) => {
      const page = await browser.open(url)
      t.equal(await page.evaluate('document.title'), 'first')
      t.same(await page.evaluate((a: number, b: string[]) => ({ a, b }), 1, ['x']), { a: 1, b: ['x'] })
      t.equal(await page.evaluate(async () => await Promise.resolve('later')), 'later')
      await t.rejects(page.evaluate(() => { throw new Error('as expected') }), /as expected/)
    })

    t.test('types, clicks and waits', async (t) => {
      const page = await browser.open(url)
      await page.type('input', 'second')
      await page.click('button')
      t.equal(await page.waitFor((title: string) => document.title === title && document.title, {}, 'second'), 'second')
      await t.rejects(page.waitFor('document.title === "third"', { timeout: 50 }), /50 ms in vain/)
    })

    t.test('goes to another page and back', async (t) => {
      const page = await browser.open(url)
      await page.goto(`${url}/other`)
      t.equal(await page.evaluate('location.pathname'), '/other')
      await page.back()
      t.equal(await page.evaluate('location.pathname'), '/')
    })

    t.test('has pages that are visible side by side, until one is closed', async (t) => {
      const [left, right] = [await browser.open(url), await browser.open(url)]
      t.equal(await left.evaluate('document.visibilityState'), 'visible')
      t.equal(await right.evaluate('document.visibilityState'), 'visible')
      await right.close()
      await t.rejects(right.evaluate('1'))
      t.equal(await left.evaluate('1'), 1)
    })

    t.test('takes a screenshot of the size asked for', async (t) => {
      const page = await browser.open(url)
      const path = join(t.testdir(), 'page.png')
      await page.screenshot(path, { width: 700, height: 500 })
      const image = readFileSync(path)
      t.same([image.readUInt32BE(16), image.readUInt32BE(20)], [700, 500])
      t.same(await page.evaluate(() => [innerWidth, innerHeight]), [700, 500])
    })

    t.test('collects what goes wrong in the page', async (t) => {
      if (engine.name === 'webkit') return t.plan(0, 'WebKit does not tell')
      const page = await browser.open(url)
      await page.evaluate(async () => {
        console.log('not this')
        console.error('logged')
        setTimeout(() => { throw new Error('thrown') })
        await new Promise((resolve) => { setTimeout(resolve, 50) })
      })
      t.match(page.console, [/logged/, /thrown/])
      t.equal(page.console.length, 2)
    })

    t.test('is light, dark when asked, and leaves no process behind', async (t) => {
      const darkBrowser = await launch(t, engine, { dark: true })
      t.equal(await isDark(await browser.open(url)), false)
      t.equal(await isDark(await darkBrowser.open(url)), true)
      t.not(processesIn(darkBrowser.sessions).length, 0)
      await darkBrowser.close()
      t.same(processesIn(darkBrowser.sessions), [])
    })
  })
}

async function serve (t: Test): Promise<string> {
  const app = Fastify({ forceCloseConnections: true })
  app.get('/*', async (_request, reply) => await reply.type('text/html').send(html))
  t.teardown(() => app.close())
  return await app.listen({ host: '127.0.0.1', port: 0 })
}

async function launch (t: Test, engine: Engine, options?: LaunchOptions): Promise<Browser> {
  const browser = await engine.launch(options)
  t.teardown(() => browser.close())
  return browser
}

async function isDark (page: Page): Promise<boolean> {
  return await page.evaluate(() => matchMedia('(prefers-color-scheme: dark)').matches)
}

/**
 * The living processes of process sessions. What is dead already waits for its parent to notice, and is no concern of
 * ours.
 */
function processesIn (sessions: number[]): string[] {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(statusOf).filter(({ session, state }) => {
    return sessions.includes(session) && state !== 'Z'
  }).map(({ command }) => command)
}

// "pid (command) state parent group session …", where the command may have spaces and brackets.
function statusOf (pid: string): { command: string, state: string, session: number } {
  const line = statLine(pid)
  const [state = '', , , session] = line.slice(line.lastIndexOf(')') + 2).split(' ')
  return { command: line.slice(0, line.lastIndexOf(')') + 1), state, session: Number(session) }
}

function statLine (pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8')
  } catch {
    return ''
  }
}
