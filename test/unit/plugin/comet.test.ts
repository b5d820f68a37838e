import t from 'tap'
import type { Test } from 'tap'
import type { FastifyInstance } from 'fastify'
import type { CometOptions } from '../../../lib/index.ts'
import { turn } from '../../fixtures/bus.ts'
import { LogLines } from '../../fixtures/log-lines.ts'
import { createApp, serve } from '../../fixtures/server.ts'
import { held } from '../../fixtures/transport-clients.ts'

async function logged (t: Test, comet: CometOptions = {}): Promise<{ app: FastifyInstance, log: LogLines }> {
  const log = new LogLines()
  const app = await createApp(t, { comet, fastify: { logger: { level: 'info', stream: log } } })
  await app.ready()
  return { app, log }
}

t.test('publish gives the id of the message', async (t) => {
  const { app } = await logged(t)
  const id = await app.comet.publish('lobby', 'hello')
  t.equal(app.comet.cursor(), id)
  t.match(await app.comet.history('lobby'), {
    messages: [{ id, channel: 'lobby', data: 'hello' }], gap: false, cursor: id
  })
})

t.test('publish with the same key publishes once', async (t) => {
  const { app } = await logged(t)
  const id = await app.comet.publish('lobby', 1, { key: 'k' })
  t.equal(await app.comet.publish('lobby', 2, { key: 'k' }), id)
  t.not(await app.comet.publish('other', 2, { key: 'k' }), id)
  t.equal(app.comet.stats().published, 2)
})

t.test('a publish that is refused rejects', async (t) => {
  const { app, log } = await logged(t, { maxMessageBytes: 10 })
  await t.rejects(app.comet.publish('', 1), { code: 'COMET_ERR_CHANNEL' })
  await t.rejects(app.comet.publish('lobby', undefined), { code: 'COMET_ERR_DATA' })
  await t.rejects(app.comet.publish('lobby', 'x'.repeat(9)), { code: 'COMET_ERR_MESSAGE_TOO_LARGE' })
  await t.rejects(app.comet.publish('lobby', 1, { key: '' }), { code: 'COMET_ERR_KEY' })
  await turn()
  t.same(log.errors, [])
  t.equal(app.comet.stats().published, 0)
})

t.test('a publish whose rejection nobody awaits is logged', async (t) => {
  const { app, log } = await logged(t)
  app.comet.publish('', 1) // eslint-disable-line @typescript-eslint/no-floating-promises -- it is the point
  await turn()
  t.match(log.errors, [{ err: { code: 'COMET_ERR_CHANNEL' }, msg: /publish/ }])
})

t.test('one that a leaving subscriber causes when the application closes is no error', async (t) => {
  const left: string[] = []
  const lines = new LogLines()
  const server = await serve(t, {
    // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it is the point
    comet: { onUnsubscribe ({ transport }) { left.push(transport); server.app.comet.publish('who', transport) } },
    fastify: { logger: { level: 'debug', stream: lines } }
  })
  await held(server, 'eventsource')
  await held(server, 'long-poll')
  await server.app.close()
  await turn()
  t.same(left.sort(), ['eventsource', 'long-poll'])
  t.same(lines.errors, [])
  t.equal(lines.lines.filter(({ msg, level }) => msg.includes('closing') && level === 20).length, 2)
})

t.test('one that comes after that is logged as ever', async (t) => {
  const { app, log } = await logged(t)
  await app.close()
  app.comet.publish('lobby', 1) // eslint-disable-line @typescript-eslint/no-floating-promises -- it is the point
  await turn()
  t.match(log.errors, [{ err: { code: 'COMET_ERR_CLOSED' } }])
})

t.test('options that a method does not know are refused', async (t) => {
  const { app: { comet } } = await logged(t)
  const listener = (): void => {}
  await t.rejects(comet.publish('lobby', 1, { kee: 'k' } as never), {
    code: 'COMET_ERR_ARGUMENT', message: 'comet: the options of publish must be limited to key, got "kee"'
  })
  await t.rejects(comet.publish('lobby', 1, 'k' as never), {
    code: 'COMET_ERR_ARGUMENT', message: 'comet: the options of publish must be an object, got "k"'
  })
  t.throws(() => comet.subscribe('lobby', listener, { history: 20 } as never), {
    code: 'COMET_ERR_ARGUMENT',
    message: 'comet: the options of subscribe must be limited to signal and onGap, got "history"'
  })
  await t.rejects(comet.history('lobby', { before: 'x' } as never), {
    code: 'COMET_ERR_ARGUMENT',
    message: 'comet: the options of history must be limited to after and limit, got "before"'
  })
  t.equal(comet.stats().published, 0)
})

t.test('a listener\'s signal and onGap are checked', async (t) => {
  const { app: { comet } } = await logged(t)
  for (const signal of [null, true, new AbortController()]) {
    t.throws(() => comet.subscribe('lobby', () => {}, { signal } as never), {
      code: 'COMET_ERR_ARGUMENT', message: /^comet: signal must be an AbortSignal, got /
    })
  }
  for (const onGap of [null, 'reload']) {
    t.throws(() => comet.subscribe('lobby', () => {}, { onGap } as never), {
      code: 'COMET_ERR_ARGUMENT', message: /^comet: onGap must be a function, got /
    })
  }
})

t.test('a cursor that this log does not know is one of another life of it', async (t) => {
  const { app } = await logged(t)
  t.match(await app.comet.history('lobby', { after: 'zzz' }), { gap: true })
})

t.test('a listener hears what is published, and one that throws is logged', async (t) => {
  const { app, log } = await logged(t)
  const heard: unknown[] = []
  app.comet.subscribe('lobby', () => { throw new Error('broken') })
  const undo = app.comet.subscribe('lobby', ({ data }) => { heard.push(data) })
  await app.comet.publish('lobby', 1)
  await turn()
  undo()
  await app.comet.publish('lobby', 2)
  await turn()
  t.same(heard, [1])
  t.match(log.errors, [{ err: { message: 'broken' } }, { err: { message: 'broken' } }])
})

t.test('a hook that throws is logged, and the connection goes on', async (t) => {
  const { app, log } = await logged(t, { onSubscribe: () => { throw new Error('broken') } })
  t.equal((await app.inject('/comet/long-poll?channel=lobby')).statusCode, 200)
  t.match(log.errors, [{ err: { message: 'broken' }, msg: /hook/ }])
})

t.test('subscribe refuses what is no channel and no listener', async (t) => {
  const { app } = await logged(t)
  t.throws(() => app.comet.subscribe('', () => {}), { code: 'COMET_ERR_CHANNEL' })
  t.throws(() => app.comet.subscribe('lobby', 'listener' as never), { code: 'COMET_ERR_ARGUMENT' })
})

t.test('history rejects what is wrong', async (t) => {
  const { app } = await logged(t)
  await t.rejects(app.comet.history('lobby', { limit: -1 }), { code: 'COMET_ERR_ARGUMENT' })
})

t.test('disconnect needs a criterion, and knows three', async (t) => {
  const { app } = await logged(t)
  for (const criteria of [undefined, {}, { user: undefined }, { user: 7 }, { users: 'alice' }]) {
    t.throws(() => app.comet.disconnect(criteria as never), { code: 'COMET_ERR_ARGUMENT' })
  }
  t.equal(app.comet.disconnect({ user: 'alice' }), 0)
})

t.test('subscribers refuses what is no channel', async (t) => {
  const { app } = await logged(t)
  t.throws(() => app.comet.subscribers(''), { code: 'COMET_ERR_CHANNEL' })
  t.same(app.comet.subscribers('lobby'), [])
})

t.test('drain refuses what is no time', async (t) => {
  const { app } = await logged(t)
  for (const ms of [-1, NaN, Infinity, '1', undefined]) {
    await t.rejects(app.comet.drain(ms as number), { code: 'COMET_ERR_ARGUMENT' })
  }
  await app.comet.drain(0)
})

t.test('stats are a plain snapshot', async (t) => {
  const { app } = await logged(t, { historySize: 1 })
  await app.comet.publish('lobby', 1)
  await app.comet.publish('lobby', 2)
  await turn()
  const { node, history, ...stats } = app.comet.stats()
  t.match(node, /^[0-9a-f]{12}$/)
  t.equal(history.messages, 1)
  t.ok(history.bytes > 1000)
  t.same(stats, {
    connections: { eventsource: 0, iframe: 0, 'long-poll': 0 },
    channels: 1,
    subscriptions: 0,
    published: 2,
    delivered: 0,
    bytesSent: 0,
    gaps: 0,
    lagging: 0,
    evicted: 1,
    rejected: 0,
    log: { connected: true, pending: 0 }
  })
  t.same(JSON.parse(JSON.stringify(app.comet.stats())), app.comet.stats())
})

t.test('after the application was closed nothing is published', async (t) => {
  const { app, log } = await logged(t)
  await app.close()
  await t.rejects(app.comet.publish('lobby', 1), { code: 'COMET_ERR_CLOSED', statusCode: 503 })
  t.same(log.errors, [])
})

t.test('a second instance in one application is decorated by its name', async (t) => {
  const { app } = await logged(t, { name: 'news', prefix: '/news' })
  const { news } = app as unknown as { news: FastifyInstance['comet'] }
  t.match(await news.publish('lobby', 1), /-1$/)
})
