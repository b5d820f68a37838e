import Fastify, { type FastifyInstance } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import comet, { type CometOptions } from '../../lib/index.ts'
import { LogLines } from '../fixtures/log-lines.ts'

// These tests need no build.
const UNBUILT = { serveClient: false }

function create (t: Test, stream = new LogLines()): FastifyInstance {
  const app = Fastify({ logger: { stream } })
  t.teardown(() => app.close())
  return app
}

for (const [what, first, second, taken] of [
  ['the same options', {}, {}, 'app.comet'],
  ['another prefix alone', {}, { prefix: '/other' }, 'app.comet'],
  ['another name alone', {}, { name: 'other' }, '/comet'],
  ['another name and the prefix of the first', { prefix: '/a/b' }, { name: 'other', prefix: '/a/b' }, '/a/b'],
  ['a name that Fastify itself has', { name: 'other' }, { name: 'register', prefix: '/other' }, 'app.register']
] as [string, CometOptions, CometOptions, string][]) {
  t.test(`a second one with ${what} is refused`, async (t) => {
    const app = create(t)
    await app.register(comet, { ...UNBUILT, ...first })
    await t.rejects(async () => app.register(comet, { ...UNBUILT, ...second }), {
      code: 'COMET_ERR_REGISTERED',
      message: `comet: ${taken} is already taken, a second instance needs a "name" and a "prefix" of its own`
    })
  })
}

t.test('a second one with a name and a prefix of its own is welcome', async (t) => {
  const app = create(t)
  await app.register(comet, UNBUILT)
  await app.register(comet, { ...UNBUILT, name: 'other', prefix: '/other' })
  t.equal((await app.inject('/other/long-poll?channel=a')).statusCode, 200)
})

t.test('so is one at the same place for another host', async (t) => {
  const app = create(t)
  for (const host of ['a.example', 'b.example']) {
    await app.register(comet, { ...UNBUILT, name: host[0] as string, routeOptions: { constraints: { host } } })
  }
  t.equal((await app.inject({ url: '/comet/long-poll?channel=a', headers: { host: 'b.example' } })).statusCode, 200)
})

t.test('in a part of the application it is at home there alone', async (t) => {
  const app = create(t)
  await app.register(comet, UNBUILT)
  await app.register(async (part) => {
    await part.register(comet, UNBUILT)
    t.not(part.comet, app.comet)
  }, { prefix: '/api' })
  t.equal((await app.inject('/api/comet/long-poll?channel=a')).statusCode, 200)
})

t.test('and a second one there is refused too', async (t) => {
  const app = create(t)
  app.register(async (part) => {
    await part.register(comet, UNBUILT)
    await part.register(comet, { ...UNBUILT, name: 'other' })
  }, { prefix: '/api' })
  await t.rejects(async () => app.ready(), {
    code: 'COMET_ERR_REGISTERED', message: /^comet: \/api\/comet is already taken/
  })
})

t.test('a publish route that nobody may use is told of at the start', async (t) => {
  const stream = new LogLines()
  await create(t, stream).register(comet, { ...UNBUILT, publishRoute: true })
  t.match(stream.lines, [{ level: 40, msg: /publish route .*"authorize"/ }])
})

for (const options of [{}, { publishRoute: false }, { publishRoute: true, authorize: () => true }]) {
  t.test(`${Object.keys(options).join(' and ') || 'no option'} is no reason to warn`, async (t) => {
    const stream = new LogLines()
    await create(t, stream).register(comet, { ...UNBUILT, ...options })
    t.same(stream.lines, [])
  })
}
