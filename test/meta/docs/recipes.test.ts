import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { transform } from 'esbuild'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { codeBlocks, readDocument, section } from './markdown.ts'
import { until } from '../../fixtures/until.ts'

// In the repository, so that the recipes find the built package under its own name.
const BUILD = fileURLToPath(new URL('../../../build/', import.meta.url))
const recipes = readDocument('docs/RECIPES.md')

t.test('a cookie session lets its user in, and logging out ends the stream', async (t) => {
  const { url } = await start(t, 'Cookie session')
  const stream = `${url}/comet/eventsource?channel=user:ann&channel=user:bob`
  t.equal((await fetch(stream)).status, 401)
  const login = await fetch(`${url}/login`, { method: 'POST' })
  const cookie = (login.headers.get('set-cookie') as string).split(';')[0] as string
  const response = await fetch(stream, { headers: { cookie } })
  t.equal(response.status, 200)
  await fetch(`${url}/logout`, { method: 'POST', headers: { cookie } })
  const text = await response.text()
  t.match(text, '{"type":"denied","channels":["user:bob"]}')
  t.match(text, '{"type":"close","reason":"disconnected"}')
  t.equal((await fetch(stream, { headers: { cookie } })).status, 401)
})

t.test('a bearer token lets its user in to his own channel', async (t) => {
  const { url } = await start(t, 'Bearer token')
  const poll = (channel: string, token: string) =>
    fetch(`${url}/comet/long-poll?channel=${channel}`, { headers: { authorization: `Bearer ${token}` } })
  t.equal((await poll('user:ann', 'a-token-of-ann')).status, 200)
  t.equal((await poll('user:bob', 'a-token-of-ann')).status, 403)
  t.equal((await poll('user:ann', 'another-token')).status, 401)
})

t.test('a ticket lets in once', async (t) => {
  const { url, app } = await start(t, 'One-time ticket')
  const { ticket } = await (await fetch(`${url}/ticket`, { method: 'POST' })).json() as { ticket: string }
  const stream = `${url}/comet/eventsource?channel=news&ticket=${ticket}`
  const response = await fetch(stream)
  t.equal(response.status, 200)
  t.equal((await fetch(stream)).status, 403)
  t.match(app.comet.subscribers('news'), [{ user: 'ann' }])
})

t.test('a page of the other origin may listen, embed and publish, one of a third may not', async (t) => {
  const { app, url } = await start(t, 'Another origin')
  const friend = 'https://app.example.com'
  const poll = (origin: string) => fetch(`${url}/comet/long-poll?channel=news`, { headers: { origin } })
  t.match(Object.fromEntries((await poll(friend)).headers), {
    'access-control-allow-origin': friend,
    'access-control-allow-credentials': 'true',
    'access-control-expose-headers': 'retry-after'
  })
  t.equal((await poll('https://evil.example')).headers.get('access-control-allow-origin'), null)

  const preflight = await fetch(`${url}/comet/publish`, {
    method: 'OPTIONS',
    headers: {
      origin: friend, 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type'
    }
  })
  t.equal(preflight.headers.get('access-control-allow-origin'), friend)
  t.equal((await publish(url, { origin: friend, 'sec-fetch-site': 'cross-site' })).status, 201)
  t.equal((await publish(url, { origin: 'https://evil.example', 'sec-fetch-site': 'cross-site' })).status, 403)

  const frame = await fetch(`${url}/comet/iframe?channel=news&origin=${encodeURIComponent(friend)}`)
  t.match(frame.headers.get('content-security-policy'), `frame-ancestors ${friend};`)
  // A fetch that is cancelled leaves a spare connection behind, and the application would wait for it at its end.
  app.comet.disconnect({ channel: 'news' })
  t.match(await frame.text(), '"reason":"disconnected"')
  t.equal((await fetch(`${url}/comet/iframe?channel=news&origin=https://evil.example`)).status, 403)
})

t.test('who is in a room is known over several nodes, and a node that is silent is forgotten', async (t) => {
  const heading = 'Presence on several nodes'
  const withUsers = (source: string): string =>
    source.replace('{ onSubscribe', '{ authorize: (request) => ({ user: request.query.name }), onSubscribe')
  const lists: { time: number }[] = []
  let merge: Recipe['merge']
  for (const names of [['ann', 'bob'], ['bob', 'eve']]) {
    const node = await load(t, heading, withUsers)
    merge = node.merge
    node.app.comet.subscribe('who:room:1', ({ data }) => { lists.push(data as { time: number }) })
    const before = lists.length
    for (const name of names) {
      await node.app.inject(`/comet/long-poll?channel=room:1&name=${name}&client=${name.padEnd(22, 'x')}`)
    }
    await until(() => lists.length >= before + names.length, 'each arrival has been announced')
  }
  t.same(merge?.(lists), ['ann', 'bob', 'eve'])
  t.same(merge?.(lists, Date.now() + 60_000), [])
  t.same(merge?.(lists.slice(0, 1)), ['ann'])
})

t.test('publishing is limited, polling is not', async (t) => {
  const { url } = await start(t, 'Rate limit on publishing')
  for (let i = 0; i < 20; i++) t.equal((await publish(url)).status, 201)
  const refused = await publish(url)
  t.equal(refused.status, 429)
  t.ok(Number(refused.headers.get('retry-after')) > 0)
  for (let i = 0; i < 25; i++) t.equal((await fetch(`${url}/comet/long-poll?channel=news`)).status, 200)
})

t.test('a state read after its cursor misses no change', async (t) => {
  const { url } = await start(t, 'State and updates without a gap')
  const { cursor, prices } = await (await fetch(`${url}/prices`)).json() as { cursor: string, prices: object }
  t.same(prices, { tea: 3 })
  await fetch(`${url}/prices/tea`, {
    method: 'PUT', headers: { 'content-type': 'application/json' }, body: '{"price":4}'
  })
  t.match(await (await fetch(`${url}/comet/long-poll?channel=prices&cursor=${cursor}`)).json(), [{ data: { tea: 4 } }])
})

t.test('metrics are for who has the token, those of the process among them', async (t) => {
  const { url } = await start(t, 'Metrics and a dashboard')
  t.equal((await fetch(`${url}/metrics`)).status, 401)
  const text = await (await fetch(`${url}/metrics`, {
    headers: { authorization: 'Bearer the-token-of-prometheus' }
  })).text()
  t.match(text, /^comet_channels\{name="comet"\} 0$/m)
  t.match(text, /^nodejs_eventloop_lag_seconds /m)
})

t.test('an application is tested without a socket', async (t) => {
  const { frames, received, messages, app } = await load(t, 'Testing an application that uses comet')
  t.match(frames, [{ type: 'open' }, { channel: 'orders', data: { id: 1 } }])
  t.match(messages, [{ channel: 'orders', data: { id: 1 } }])
  t.same(received, [{ id: 1 }])
  t.ok(app.comet)
})

interface Recipe {
  app: FastifyInstance
  frames?: unknown
  received?: unknown
  messages?: unknown
  merge?: (lists: object[], now?: number) => string[]
}

/** Runs the first TypeScript block of a recipe as a module and listens. */
async function start (t: Test, heading: string): Promise<{ app: FastifyInstance, url: string }> {
  const { app } = await load(t, heading)
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

async function load (t: Test, heading: string, edit = (source: string): string => source): Promise<Recipe> {
  const block = codeBlocks(section(recipes, heading)).find(({ language }) => language === 'ts')?.code as string
  const source = edit(block)
  const { code } = await transform(
    `${source}${source.includes('export') ? '' : '\nexport { app }'}`, { loader: 'ts', format: 'esm' }
  )
  mkdirSync(BUILD, { recursive: true })
  const folder = mkdtempSync(join(BUILD, 'recipe-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const file = join(folder, 'recipe.mjs')
  writeFileSync(file, code)
  const recipe = await import(pathToFileURL(file).href) as Recipe
  t.teardown(() => recipe.app.close())
  return recipe
}

function publish (url: string, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(`${url}/comet/publish`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{"channel":"news","data":1}'
  })
}
