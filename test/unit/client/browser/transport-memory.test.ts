import t from 'tap'
import type { Env } from '../../../../lib/client/browser/env.ts'
import { recall, remember } from '../../../../lib/client/browser/transport-memory.ts'
import type { Settings } from '../../../../lib/client/options.ts'

const MINUTE = 60_000

function page (url = 'https://a.example/comet', stored = new Map<string, string>()) {
  const clock = { now: 1_000_000_000 }
  const sessionStorage = {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => { stored.set(key, value) }
  }
  const env = { document: {}, sessionStorage, Date: { now: () => clock.now } } as unknown as Env
  return { clock, stored, settings: { env, url } as Settings }
}

t.test('the transport that worked is known for 30 minutes', async (t) => {
  const { clock, settings } = page()
  t.equal(recall(settings), undefined)
  remember(settings, 'long-poll')
  t.equal(recall(settings), 'long-poll')
  clock.now += 30 * MINUTE - 1
  t.equal(recall(settings), 'long-poll')
  clock.now += 1
  t.equal(recall(settings), undefined)
})

t.test('each server has its own', async (t) => {
  const { stored, settings } = page()
  remember(settings, 'iframe')
  t.equal(recall(page('https://b.example/comet', stored).settings), undefined)
})

t.test('without a page, or with a storage that throws, nothing is remembered and nothing breaks', async (t) => {
  const { settings, stored } = page()
  const worker = { ...settings, env: { ...settings.env, document: undefined } } as Settings
  remember(worker, 'eventsource')
  t.equal(recall(worker), undefined)
  t.equal(stored.size, 0)
  const env = Object.defineProperty({ ...settings.env }, 'sessionStorage', {
    get () {
      throw new Error('SecurityError')
    }
  })
  const forbidden = { ...settings, env } as Settings
  remember(forbidden, 'eventsource')
  t.equal(recall(forbidden), undefined)
})
