// What a log that nodes share makes of connections: other epochs, losses, cursors from elsewhere.
import t from 'tap'
import { Condition } from '../../lib/util/condition.ts'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { digest } from '../../lib/connections/presence/presence.ts'
import { get, textOf } from '../fixtures/bodies.ts'
import { FakeLog } from '../fixtures/fake-log.ts'
import { LogLines } from '../fixtures/log-lines.ts'
import { serve } from '../fixtures/server.ts'
import {
  connectTo, frame, held, heldPoll, isMessage, pathOf, readUntil, rest, subscribe
} from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

for (const transport of TRANSPORT_NAMES) {
  t.test(`${transport}: another epoch is told as a gap, and its oldest message follows`, async (t) => {
    const log = new FakeLog()
    const server = await serve(t, { comet: { log } })
    log.add('a', 'old')
    const client = transport === 'long-poll'
      ? await heldPoll(server, { channel: ['a', 'b'] })
      : await held(server, transport, { channel: ['a', 'b'] })
    log.begin('two', 7)
    const [gap] = await readUntil(client, ({ type }) => type === 'gap')
    t.match(gap, { type: 'gap', channels: ['a', 'b'], reason: 'restarted', cursor: 'two-7' })
    log.add('a', 'oldest')
    const next = transport === 'long-poll'
      ? await connectTo(server, transport, { channel: ['a', 'b'], cursor: 'two-7' })
      : client
    t.match(await readUntil(next, isMessage), [{ id: 'two-8', channel: 'a', data: 'oldest' }])
    t.match(server.app.comet.stats(), { gaps: 1, history: { messages: 1 } })
    next.cut()
  })

  t.test(`${transport}: another epoch that holds what came before it is told as a gap to who was there, and gives all to newcomers`, async (t) => {
    const log = new FakeLog()
    const server = await serve(t, { comet: { log } })
    for (const data of [1, 2]) log.add('a', data)
    const client = transport === 'long-poll'
      ? await heldPoll(server, { channel: 'a' })
      : await held(server, transport, { channel: 'a' })
    log.begin('two', 0, 2)
    for (const data of [1, 2]) log.add('a', data)
    log.reader.loaded()
    log.add('a', 3)
    const told = await readUntil(client, transport === 'long-poll' ? ({ type }) => type === 'gap' : isMessage)
    t.match(told.filter(({ type }) => type !== 'heartbeat'), transport === 'long-poll'
      ? [{ type: 'gap', cursor: 'two-2' }]
      : [{ type: 'gap', reason: 'restarted', cursor: 'two-2' }, { id: 'two-3' }])
    for (const [query, ids] of [[{ history: 5 }, ['two-1', 'two-2', 'two-3']], [
      { cursor: 'earliest' }, ['two-1', 'two-2', 'two-3']
    ], [{ cursor: 'one-1' }, ['two-3']], [{ cursor: 'two-1' }, ['two-2', 'two-3']]] as const) {
      const newcomer = await connectTo(server, transport, { channel: 'a', ...query })
      const frames = await readUntil(newcomer, (frame) => isMessage(frame) && frame.id === 'two-3')
      t.same(frames.filter(isMessage).map(({ id }) => id), ids)
      t.equal(frames.some(({ type }) => type === 'gap'), 'cursor' in query && query.cursor === 'one-1')
      newcomer.cut()
    }
    client.cut()
  })

  t.test(`${transport}: what the log lost before it was read is a gap on every channel`, async (t) => {
    const log = new FakeLog()
    const server = await serve(t, { comet: { log } })
    log.add('a', 1)
    const client = transport === 'long-poll'
      ? await heldPoll(server, { channel: ['a', 'b'] })
      : await held(server, transport, { channel: ['a', 'b'] })
    log.lose(9)
    t.match(await readUntil(client, ({ type }) => type === 'gap'), [
      { type: 'gap', channels: ['a', 'b'], reason: 'evicted', cursor: 'one-9' }
    ])
    client.cut()
  })

  t.test(`${transport}: a cursor of a node that has read further waits until it is read`, async (t) => {
    const log = new FakeLog()
    const server = await serve(t, { comet: { log } })
    log.add('a', 1)
    const asked = new Promise<Condition>((resolve) => {
      log.catchUp = () => {
        const read = new Condition()
        resolve(read)
        return read.wait()
      }
    })
    const pending = connectTo(server, transport, { channel: 'a', cursor: 'one-3' })
    const read = await asked
    for (const i of [2, 3, 4]) log.add('a', i)
    read.notifyAll()
    const client = await pending
    const frames = await readUntil(client, isMessage)
    if (transport !== 'long-poll') t.match(frames[0], { type: 'open', cursor: 'one-3', resumed: true })
    t.match(frames.at(-1), { id: 'one-4', data: 4 })
    client.cut()
  })

  t.test(`${transport}: a cursor that the log does not know once all is read is of another epoch`, async (t) => {
    const log = new FakeLog()
    const server = await serve(t, { comet: { log } })
    log.add('a', 1)
    log.catchUp = async () => { /* all is read */ }
    const client = await connectTo(server, transport, { channel: 'a', cursor: 'one-9' })
    t.match((await readUntil(client, isMessage)).slice(-2), [{ type: 'gap', reason: 'restarted' }, { id: 'one-1' }])
    client.cut()
  })

  t.test(`${transport}: a client is sent away when the log cannot tell it for as long as a poll is held`, async (t) => {
    const log = new FakeLog()
    const server = await serve(t, { comet: { log, pollTimeout: 30 } })
    log.catchUp = () => new Promise(() => { /* the log is away */ })
    const client = await connectTo(server, transport, { channel: 'a', cursor: 'one-9' })
    if (transport === 'eventsource') t.match(await rest(client), [{ type: 'close', reason: 'busy' }])
    else t.equal(client.status, 503)
    client.cut()
  })
}

t.test('a log that is not loaded yet lets nobody in, and then from where it is', async (t) => {
  const log = new FakeLog(false)
  const server = await serve({ teardown: (undo) => { t.teardown(undo) } }, { comet: { log, pollTimeout: 20_000 } })
  const told: unknown[] = []
  server.app.comet.subscribe('a', ({ data }) => { told.push(data) }, { onGap: () => { t.fail('no gap') } })
  const pending = get(server, pathOf('long-poll', { channel: 'a', history: 5 }))
  log.begin('one', 10)
  log.add('a', 'history', Date.now() - 1000)
  log.reader.loaded()
  t.match(JSON.parse(await textOf(await pending)), [
    { type: 'open', cursor: 'one-10' }, { id: 'one-11', data: 'history' }
  ])
  log.add('a', 'news')
  await new Promise(setImmediate)
  t.same(told, ['news'])
})

t.test('a newcomer waits until another epoch has been loaded, and a loss in its past is nobody’s news', async (t) => {
  const log = new FakeLog()
  const server = await serve(t, { comet: { log, pollTimeout: 20_000 } })
  const told: unknown[] = []
  server.app.comet.subscribe('a', ({ data }) => { told.push(data) }, { onGap: ({ cursor }) => { told.push(cursor) } })
  log.begin('two', 0, 9)
  const pending = get(server, pathOf('long-poll', { channel: 'a', history: 5 }))
  log.add('a', 'trimmed')
  log.lose(5)
  log.add('a', 'held')
  t.equal(server.app.comet.cursor(), 'two-9')
  log.reader.loaded()
  t.match(JSON.parse(await textOf(await pending)), [{ type: 'open', cursor: 'two-5' }, { id: 'two-6', data: 'held' }])
  await new Promise(setImmediate)
  t.same(told, ['two-9'])
  t.match((await server.app.comet.history('a', { after: 'one-1' })), { gap: true, messages: [] })
})

t.test('what is read again does not exceed the history’s limits', async (t) => {
  const log = new FakeLog()
  const { app } = await serve(t, { comet: { log, historySize: 3 } })
  log.begin('two', 0, 10)
  for (let i = 1; i <= 10; i++) log.add('a', i)
  t.equal(app.comet.stats().history.messages, 3)
  log.reader.loaded()
  t.match(await app.comet.history('a'), { messages: [{ data: 8 }, { data: 9 }, { data: 10 }] })
})

t.test('entries that something else has written are logged', async (t) => {
  const log = new FakeLog()
  const stream = new LogLines()
  await serve(t, { comet: { log }, fastify: { logger: { level: 'warn', stream } } })
  log.reader.foreign?.('the data is no JSON')
  t.match(stream.lines, [
    { level: 40, msg: /skipped 1 entry of the log that comet has not written, the last because the data is no JSON/ }
  ])
})

t.test('many who ask for a cursor that is not known yet ask the log once at a time', async (t) => {
  const log = new FakeLog()
  const server = await serve(t, { comet: { log, pollTimeout: 60 } })
  let asked = 0
  log.catchUp = () => {
    asked++
    return new Promise(() => { /* the log is away */ })
  }
  const statuses = await Promise.all(Array.from({ length: 50 }, async () =>
    (await get(server, pathOf('long-poll', { channel: 'a', cursor: 'one-9' }))).status))
  t.same([new Set(statuses), asked], [new Set([503]), 1])
})

t.test('a listener in the process is told of another epoch, and hears its messages', async (t) => {
  const log = new FakeLog()
  const { app } = await serve(t, { comet: { log } })
  const told: unknown[] = []
  app.comet.subscribe('a', ({ data }) => { told.push(data) }, { onGap: ({ cursor }) => { told.push(cursor) } })
  log.begin('two', 3)
  log.add('a', 1)
  await new Promise(setImmediate)
  t.same(told, ['two-3', 1])
})

t.test('a stream that waits for its socket is told of another epoch when it reads on', async (t) => {
  const log = new FakeLog()
  const server = await serve(t, { comet: { log, maxBufferedBytes: 1 } })
  const client = await subscribe(server, 'eventsource', { channel: 'a' })
  await frame(client, 'open')
  for (let i = 0; i < 400; i++) log.add('a', 'x'.repeat(60_000))
  await new Promise(setImmediate)
  t.equal(server.app.comet.stats().lagging, 1)
  log.begin('two', 1)
  log.add('a', 'new')
  const frames = await readUntil(client, (frame) => isMessage(frame) && frame.data === 'new')
  t.match(frames.slice(-2), [{ type: 'gap', reason: 'restarted', cursor: 'two-1' }, { id: 'two-2' }])
  client.cut()
})

t.test('disconnect ends connections here and on the other nodes, without saying the secret', async (t) => {
  const log = new FakeLog()
  const server = await serve(t, { comet: { log } })
  const secret = 'c'.repeat(32)
  t.equal(server.app.comet.disconnect({ client: secret }), 0)
  await new Promise(setImmediate)
  t.equal(log.notes.length, 1)
  t.notMatch(log.notes[0], secret)
  for (const client of [digest(secret), digest(digest(secret))]) {
    const stream = await held(server, 'eventsource', { client: secret })
    log.add('', { node: 'another', disconnect: { client } })
    t.same(await rest(stream), [{ type: 'close', reason: 'disconnected' }])
  }
})

t.test('a note that cannot be read is left alone, and so is one that names nobody', async (t) => {
  const log = new FakeLog()
  const server = await serve(t, { comet: { log } })
  const stream = await held(server, 'eventsource', {})
  for (const note of [
    null, 1, {}, { disconnect: null }, { disconnect: 'x', node: 'y' }, { disconnect: {}, node: 'y' }
  ]) {
    log.add('', note)
  }
  t.equal(server.app.comet.stats().connections.eventsource, 1)
  stream.cut()
})

t.test('a note that the log does not take is sent again until it does, and the failure is logged once', async (t) => {
  const log = new FakeLog()
  const stream = new LogLines()
  const { lines } = stream
  const server = await serve(t, { comet: { log }, fastify: { logger: { level: 'error', stream } } })
  log.refusal = new Error('away')
  for (const user of ['alice', 'bob']) server.app.comet.disconnect({ user })
  await until(() => lines.length > 0, 'a line is logged')
  log.refusal = undefined
  await until(() => log.notes.length >= 2, 'both control messages are in the log')
  t.match(log.notes.map((note) => JSON.parse(note) as object).sort(byText), [
    { disconnect: { user: 'alice' } }, { disconnect: { user: 'bob' } }
  ])
  t.match(lines, [{ msg: /could not yet notify/, err: { message: 'away' } }])
  t.equal(lines.length, 1)
})

t.test('notes that the log never takes are given up when the application closes, and that is logged', async (t) => {
  const log = new FakeLog()
  const stream = new LogLines()
  const { lines } = stream
  const { app } = await serve(t, { comet: { log }, fastify: { logger: { level: 'error', stream } } })
  log.refusal = new Error('away')
  app.comet.disconnect({ user: 'alice' })
  await until(() => lines.length > 0, 'a line is logged')
  await app.close()
  t.match(lines.slice(1), [{ msg: /could not notify/, err: { code: 'COMET_ERR_CLOSED' } }])
})

t.test('a client that another node has disconnected between two polls is answered so here, once', async (t) => {
  const log = new FakeLog()
  const { app } = await serve(t, { comet: { log } })
  const secret = 'c'.repeat(32)
  log.add('', { node: 'another', disconnected: [digest(secret)] })
  const path = pathOf('long-poll', { channel: 'a', client: secret })
  t.same((await app.inject(path)).json(), [{ type: 'close', reason: 'disconnected' }])
  t.match((await app.inject(path)).json(), [{ type: 'open' }])
})

t.test('a node that disconnects a client between two polls notes its digest for the others', async (t) => {
  const log = new FakeLog()
  const { app } = await serve(t, { comet: { log } })
  const secret = 'c'.repeat(32)
  await app.inject(pathOf('long-poll', { channel: 'a', client: secret }))
  log.add('', { node: 'another', disconnect: { channel: 'a' } })
  await new Promise(setImmediate)
  t.match(log.notes.map((note) => JSON.parse(note) as object), [{ disconnected: [digest(secret)] }])
})

t.test('a note of the last minute counts also where it is read as the node starts, an older one does not', async (t) => {
  const log = new FakeLog(false)
  const { app } = await serve({ teardown: (undo) => { t.teardown(undo) } }, { comet: { log, pollTimeout: 20_000 } })
  const [recent, old] = ['c'.repeat(32), 'd'.repeat(32)]
  log.begin('one', 0)
  log.add('', { node: 'another', disconnected: [digest(old)] }, Date.now() - 61_000)
  log.add('', { node: 'another', disconnected: [digest(recent)] }, Date.now() - 50_000)
  log.reader.loaded()
  t.match((await app.inject(pathOf('long-poll', { channel: 'a', client: recent }))).json(), [{ type: 'close' }])
  t.match((await app.inject(pathOf('long-poll', { channel: 'a', client: old }))).json(), [{ type: 'open' }])
})

t.test('where entries were lost before they were read, permits are asked for again, and the log says what may be missing', async (t) => {
  const log = new FakeLog()
  const stream = new LogLines()
  const { lines } = stream
  let asked = 0
  const authorize = (): boolean => { asked++; return true }
  const { app } = await serve(t, {
    comet: { log, authorize, authorizeInterval: 60_000 }, fastify: { logger: { level: 'warn', stream } }
  })
  const path = pathOf('long-poll', { channel: 'a', client: 'c'.repeat(32) })
  await app.inject(path)
  await app.inject(path)
  t.equal(asked, 1)
  log.lose(9)
  await app.inject(path)
  t.equal(asked, 2)
  t.match(lines, [{ level: 40, msg: /perhaps with disconnects of other nodes/ }])
})

t.test('a publish that the log refuses rejects, and is logged when nobody waits for it', async (t) => {
  const log = new FakeLog()
  const lines: string[] = []
  const { app } = await serve(t, {
    comet: { log }, fastify: { logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } } }
  })
  log.refusal = Object.assign(new Error('away'), { code: 'COMET_ERR_LOG_UNAVAILABLE' })
  await t.rejects(app.comet.publish('a', 1), { code: 'COMET_ERR_LOG_UNAVAILABLE' })
  t.same(lines, [])
  app.comet.publish('a', 1) // eslint-disable-line @typescript-eslint/no-floating-promises -- that is what it is about
  await until(() => lines.length > 0, 'a line is logged')
  t.match(lines[0], 'an unawaited publish was rejected')
})

t.test('says in its statistics and its log when the log is away, and when it is back', async (t) => {
  const log = new FakeLog()
  const lines: string[] = []
  const { app } = await serve(t, {
    comet: { log }, fastify: { logger: { level: 'info', stream: { write: (line: string) => { lines.push(line) } } } }
  })
  log.connected = false
  log.pending = 3
  log.reader.reachable(false, new Error('refused'))
  t.same(app.comet.stats().log, { connected: false, pending: 3 })
  log.reader.reachable(true)
  t.match(
    lines.filter((line) => line.includes('comet')).map((line) => (JSON.parse(line) as { level: number }).level),
    [50, 30]
  )
})

t.test('a message that cannot be kept is missed, and told as a gap to who comes', async (t) => {
  const log = new FakeLog()
  let isBroken = true
  const lines: string[] = []
  const options = {
    comet: { log, historySize: () => isBroken ? -1 : 10 },
    fastify: {
      logger: { level: 'error', stream: { write: (line: string) => { lines.push(line) } } }
    }
  }
  const server = await serve(t, options)
  log.add('a', 1)
  t.match(lines[0], 'cannot retain')
  t.throws(() => { server.app.comet.subscribe('a', () => {}) }, { code: 'COMET_ERR_OPTION' })
  await t.rejects(server.app.comet.publish('a', 1), { code: 'COMET_ERR_OPTION' })
  isBroken = false
  const { gap } = await server.app.comet.history('a', { after: 'one-0' })
  t.equal(gap, true)
})

t.test('history waits for a cursor of a node that has read further', async (t) => {
  const log = new FakeLog()
  const { app } = await serve(t, { comet: { log } })
  log.catchUp = async () => { for (const i of [1, 2, 3]) log.add('a', i) }
  t.match(await app.comet.history('a', { after: 'one-2' }), { gap: false, messages: [{ data: 3 }], cursor: 'one-3' })
})

function byText (a: object, b: object): number {
  return JSON.stringify(a) < JSON.stringify(b) ? -1 : 1
}
