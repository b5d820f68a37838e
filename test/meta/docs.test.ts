import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import * as errors from '../../lib/errors.ts'
import comet from '../../lib/index.ts'
import type { CometOptions } from '../../lib/index.ts'
import { parseOptions } from '../../lib/plugin/parse-options.ts'
import { headings, quoted, readDocument, section, table } from './docs/markdown.ts'
import { exportedNames, findAll, interfaceMembers, publicMembers, sources, unionMembers } from './docs/source.ts'

const reference = readDocument('docs/REFERENCE.md')
const CLIENT = /^lib\/client\//

t.test('every option is documented with its default and its rule, and no other', async (t) => {
  const documented = table(section(reference, 'Options'))
  t.same(namesIn(documented), optionNames())
  for (const [name, value, rule] of documented) {
    t.equal(rule, ruleOf(quoted(name)), `the rule of ${name}`)
    t.equal(value, shown(quoted(name)), `the default of ${name}`)
  }
})

t.test('the options in the README have the same defaults', async (t) => {
  for (const [name, value] of table(section(readDocument('README.md'), 'Options'))) {
    t.ok(optionNames().includes(quoted(name)), `${name} exists`)
    t.equal(value, shown(quoted(name)), `the default of ${name}`)
  }
})

t.test('every method is documented, and no other', async (t) => {
  const { app } = await start(t)
  t.same(headings(section(reference, 'Methods'), 3).sort(), Object.keys(app.comet).sort())
})

t.test('every statistic is documented, and no other', async (t) => {
  const { app } = await start(t)
  t.same(namesIn(table(section(reference, 'Statistics'))), flatKeys(app.comet.stats()).sort())
})

t.test('every route is documented, and no other', async (t) => {
  const { routes } = await start(t)
  const documented = namesIn(table(section(reference, 'Routes')))
  t.same(documented, routes.filter((route) => !route.startsWith('HEAD'))
    .map((route) => route.replace('/comet', '{prefix}'))
    .sort())
  t.same(routes.filter((route) => route.startsWith('HEAD')).sort(), [
    'HEAD /comet/client.js', 'HEAD /comet/client.mjs', 'HEAD /comet/worker.js'
  ])
})

t.test('every diagnostics channel is documented, and no other', async (t) => {
  const documented = namesIn(table(section(reference, 'Events for observers')))
  t.same(documented, findAll('lib', /'(fastify-comet:\w+)'/g))
})

t.test('an event for observers has the fields that are documented', async (t) => {
  const documented = table(section(reference, 'Events for observers'))
  const { app, url } = await start(t)
  const seen = new Map<string, string[]>()
  for (const [name] of documented) {
    observe(t, quoted(name), (message) => { seen.set(quoted(name), Object.keys(message)) })
  }
  await app.comet.publish('news', 1)
  await (await fetch(`${url}/comet/long-poll?channel=news&cursor=unknown`)).text()
  for (const [name, fields] of documented) {
    t.same(seen.get(quoted(name)), (fields as string).split(', ').map(quoted), `the fields of ${name}`)
  }
})

t.test('every error of the server is documented with its status, and no other', async (t) => {
  const documented = table(section(reference, 'Errors of the server'))
  t.same(namesIn(documented), findAll('lib', /COMET_ERR_[A-Z_]+/g, CLIENT))
  for (const [name, status] of documented) {
    const error: unknown = Reflect.get(errors, quoted(name))
    if (typeof error === 'function') {
      t.equal(
        Number(status), Reflect.get(Reflect.construct(error, []) as object, 'statusCode'), `the status of ${name}`
      )
    }
  }
})

t.test('every error of the client is documented, and no other', async (t) => {
  t.same(namesIn(table(section(reference, 'Errors of the client'))), findAll('lib/client', /COMET_ERR_[A-Z_]+/g))
})

t.test('every option of the client is documented, and no other', async (t) => {
  t.same(namesIn(table(section(reference, 'Client options'))), interfaceMembers('lib/client/options.ts', 'CometOptions')
    .sort())
})

t.test('every member of the client is documented, and no other', async (t) => {
  const documented = table(section(reference, 'Client members')).map(([member]) => quoted(member).replace(/\(.*/, ''))
  const members = [...publicMembers('lib/client/comet.ts', 'Comet'), ...publicMembers('lib/client/index.ts', 'Comet')]
  t.same(documented.sort(), members.sort())
})

t.test('every event of the client is documented, and no other', async (t) => {
  t.same(namesIn(table(section(reference, 'Client events'))), interfaceMembers('lib/client/events.ts', 'CometEvents')
    .sort())
})

t.test('every state of the client is documented, and no other', async (t) => {
  t.same(namesIn(table(section(reference, 'Client states'))), unionMembers('lib/client/negotiation/state.ts', 'Phase')
    .sort())
})

t.test('everything exported is documented, and nothing else', async (t) => {
  const types = section(reference, 'Types')
  t.same(exportsIn(types, 'fastify-comet'), exportedNames('lib/index.ts').sort())
  t.same(exportsIn(types, 'fastify-comet/client'), exportedNames('lib/client/index.ts').sort())
  t.same(exportsIn(types, 'fastify-comet/nats'), exportedNames('lib/log/nats/nats-log.ts').sort())
  t.same(exportsIn(types, 'fastify-comet/redis'), exportedNames('lib/log/redis/redis-log.ts').sort())
  t.same(exportsIn(types, 'fastify-comet/testing'), exportedNames('lib/log/contract/index.ts').sort())
  t.same(exportsIn(types, 'fastify-comet/metrics'), exportedNames('lib/plugin/metrics.ts').sort())
})

t.test('every error, frame and reason of the protocol stands in its document', async (t) => {
  const protocol = readDocument('docs/PROTOCOL.md')
  const frames = findAll(
    'lib', /^export (?:interface|type) \w+Frame \{ ?(?:\n {2})?type: '(\w+)'/gm, /(?<!protocol\/wire)\.ts$/
  )
  t.same(table(section(protocol, '2. Frames')).map(([frame]) => frame).sort(), ['message', ...frames].sort())
  t.same(
    namesIn(table(section(protocol, '2. Frames').split('`close.reason`')[1] as string)),
    unionMembers('lib/protocol/wire.ts', 'CloseReason').sort()
  )
  for (const reason of unionMembers('lib/protocol/wire.ts', 'GapReason')) t.match(protocol, `\`${reason}\``)
  t.same(namesIn(table(section(protocol, '3. Requests'))), findAll(
    'lib', /^ {2}(\w+): '\1',?$/gm, /(?<!protocol\/wire)\.ts$/
  ))
})

t.test('every file that the architecture names exists', async (t) => {
  const documented = [...readDocument('docs/ARCHITECTURE.md').matchAll(/`([\w/.-]+\.ts)`/g)].map((match) =>
    (match[1] as string).replace(/^lib\//, ''))
  const paths = [...sources('lib'), ...sources('test')].map(({ path }) => path)
  t.ok(documented.length > 10)
  for (const name of documented) t.ok(paths.some((path) => path.endsWith(`/${name}`) || path === name), name)
})

function namesIn (rows: string[][]): string[] {
  return rows.map(([name]) => quoted(name)).sort()
}

function optionNames (): string[] {
  return (/the options are (.*)$/.exec(messageOf({ noSuchOption: 1 }))?.[1] ?? '').split(', ').sort()
}

function ruleOf (name: string): string | undefined {
  return /must be (.*), got Symbol\(\)$/.exec(messageOf({ [name]: Symbol('') }))?.[1]
}

function messageOf (options: object): string {
  try {
    parseOptions(options, false)
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('These options are valid')
}

// A default as the documents write it. Those that are functions are described in words.
function shown (name: string): string {
  if (name === 'authorize') return 'everyone may subscribe, nobody may publish'
  const value: unknown = Reflect.get(parseOptions({}, false), name)
  const constant: unknown = ['historySize', 'historyAge', 'slowConsumer'].includes(name)
    ? (value as (channel: string) => unknown)('any')
    : value
  if (typeof constant === 'function' || constant === undefined) return 'none'
  if (typeof constant === 'number') return `\`${grouped(constant)}\``
  return typeof constant === 'string' ? `\`'${constant}'\`` : `\`${JSON.stringify(constant)}\``
}

function grouped (value: number): string {
  return value < 10_000 ? String(value) : String(value).replace(/\B(?=(\d{3})+$)/g, '_')
}

function flatKeys (value: object): string[] {
  return Object.entries(value).flatMap(([key, inner]) => typeof inner === 'object'
    ? Object.keys(inner as object).map((name) => `${key}.${name}`)
    : [key])
}

function exportsIn (text: string, module: string): string[] {
  const paragraph = text.split('\n\n').find((paragraph) => paragraph.startsWith(`Exported from \`${module}\`:`)) ?? ''
  return [...paragraph.slice(paragraph.indexOf(':')).matchAll(/`(\w+)`/g)].map((match) => match[1] as string).sort()
}

async function start (t: Test, options: CometOptions = {}) {
  const routes: string[] = []
  const app = Fastify()
  app.addHook('onRoute', ({ method, url }) => { routes.push(`${String(method)} ${url}`) })
  await app.register(comet, { publishRoute: true, ...options })
  t.teardown(() => app.close())
  return { app, routes, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}

function observe (t: Test, name: string, onMessage: (message: object) => void): void {
  const listener = (message: unknown): void => { onMessage(message as object) }
  subscribe(name, listener)
  t.teardown(() => { unsubscribe(name, listener) })
}
