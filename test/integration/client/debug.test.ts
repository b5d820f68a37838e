import t from 'tap'
import type { Test } from 'tap'
import type { CometOptions } from '../../../lib/client/index.ts'
import type { Env } from '../../../lib/client/browser/env.ts'
import { next, setUp } from '../../fixtures/client-setup.ts'
import { until } from '../../fixtures/until.ts'

/** A client, and what it passes to its console, call by call. */
async function start (t: Test, options: CometOptions = {}, env: Partial<Env> = {}, isAllowed = true) {
  const logged: unknown[][] = []
  const warned: unknown[][] = []
  const { client, proxy } = await setUp(t, { authorize: () => isAllowed })
  const log = (...line: unknown[]) => { logged.push(line) }
  const warn = (...line: unknown[]) => { warned.push(line) }
  const comet = client(options, { console: { ...console, log, warn }, ...env })
  comet.subscribe('a', () => {})
  return { comet, proxy, logged, warned }
}

t.test('the console is told why a client gives up, in one line of text', async (t) => {
  const { comet, logged, warned } = await start(t, {}, {}, false)
  await next(comet, 'error')
  t.same(warned, [['comet: not allowed to subscribe (COMET_ERR_FORBIDDEN, status 403)']])
  t.same(logged, [])
})

t.test('the console is told once why a client waits, and when it tries again', async (t) => {
  const fast = ((task: () => void, ms: number) => setTimeout(task, ms / 50)) as never
  const { comet, proxy, warned } = await start(t, { transports: ['long-poll'] }, { setTimeout: fast })
  await until(() => comet.state === 'open')
  proxy.behave({ does: 'refuse', status: 503 })
  for (const link of proxy.links) link.cut()
  let errors = 0
  comet.on('error', ({ code }) => { if (code === 'COMET_ERR_STATUS') errors++ })
  await until(() => errors > 3)
  t.match(warned.map(([line]) => line).filter((line) => String(line).includes('503')), [

    /^comet: GET http:.*\/comet\/long-poll was answered 503 \(COMET_ERR_STATUS, status 503\); trying again in \d+\.\d s$/

  ])
  t.equal(warned.filter(([line]) => String(line).includes('503')).length, 1)
})

t.test('the console is told nothing else by itself', async (t) => {
  const { comet, logged, warned } = await start(t)
  await until(() => comet.state === 'open')
  t.same([logged, warned], [[], []])
})

for (const [title, options, env] of [
  ['the option', { debug: true }, {}],
  ['the storage of the page', {}, {
    document: { readyState: 'complete' } as Document,
    localStorage: { comet: 'debug' } as unknown as Storage
  }]
] satisfies [string, CometOptions, Partial<Env>][]) {
  t.test(`the console is told each decision in one line of text where ${title} says so`, async (t) => {
    const { comet, proxy, logged } = await start(t, { ...options, transports: ['eventsource'] }, env)
    await until(() => comet.state === 'open')
    for (const link of proxy.links) link.cut()
    await until(() => comet.state === 'waiting')
    const lines = logged.map((line) => line.join(' | '))
    t.match(lines, [
      /^comet: {"type":"change"} -> {"kind":"racing","carrier":{.*"transport":"eventsource","purpose":"carry"}}$/,
      /^comet: {"type":"opened",.*} -> {"kind":"racing",.*"carrierTimer":{.*"name":"deadline","after":2000,"spread":0}}$/,
      /^comet: {"type":"frame",.*"elapsed":\d+} -> {"kind":"open",.*"carrierTimer":{.*"name":"stable","after":1000,.*}}$/,
      /^comet: {"type":"end",.*"error":"the connection was lost \(COMET_ERR_NETWORK\)",.*} -> {"kind":"waiting",.*}$/
    ])
  })
}
