import { inspect } from 'node:util'
import t from 'tap'
import type { Test } from 'tap'
import type { CometOptions } from '../../lib/client/index.ts'
import type { Env } from '../../lib/client/env.ts'
import { next, setUp, until } from '../fixtures/client-setup.ts'

/** A client that is not let in, or is, and the lines in its console. */
async function start (t: Test, isAllowed: boolean, options: CometOptions = {}, env: Partial<Env> = {}) {
  const lines: string[] = []
  const { client } = await setUp(t, { authorize: () => isAllowed })
  const log = (...line: unknown[]) => { lines.push(inspect(line, { depth: 3 })) }
  const comet = client(options, { console: { ...console, log }, ...env })
  comet.subscribe('a', () => {})
  return { comet, lines }
}

t.test('the console is told why a client gives up', async (t) => {
  const { comet, lines } = await start(t, false)
  await next(comet, 'error')
  t.equal(lines.length, 1)
  t.match(lines[0], /comet.*COMET_ERR_FORBIDDEN/s)
})

t.test('the console is told nothing else by itself', async (t) => {
  const { comet, lines } = await start(t, true)
  await until(() => comet.state === 'open')
  t.same(lines, [])
})

for (const [title, options, env] of [
  ['the option', { debug: true }, {}],
  ['the storage of the page', {}, { localStorage: { comet: 'debug' } as unknown as Storage }]
] satisfies [string, CometOptions, Partial<Env>][]) {
  t.test(`the console is told each decision where ${title} says so`, async (t) => {
    const { comet, lines } = await start(t, true, options, env)
    await until(() => comet.state === 'open')
    for (const type of ['change', 'opened', 'frame']) t.ok(lines.some((line) => line.includes(`type: '${type}'`)), type)
  })
}
