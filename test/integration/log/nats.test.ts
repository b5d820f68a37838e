import { setTimeout as pause } from 'node:timers/promises'
import { jetstream, jetstreamManager, type JetStreamManager } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import t from 'tap'
import type { Test } from 'tap'
import type { MessageLog } from '../../../lib/log/message-log.ts'
import { NatsSession } from '../../../lib/log/nats/session.ts'
import { openStream } from '../../../lib/log/nats/stream.ts'
import { natsLog, type NatsLogOptions } from '../../../lib/log/nats/nats-log.ts'
import { logContract } from '../../../lib/log/contract/index.ts'
import { Recorder } from '../../../lib/log/contract/recorder.ts'
import { interfaceMembers } from '../../meta/docs/source.ts'
import { quoted, readDocument, section, table } from '../../meta/docs/markdown.ts'
import { natsBroker, NatsServer } from '../../fixtures/nats.ts'
import { needs } from '../../fixtures/requirement.ts'
import { TcpProxy } from '../../fixtures/tcp-proxy.ts'

const LIMITS = { maxMessages: 1000, maxAge: 0, replicas: 1 }

let streams = 0

t.test('a log over NATS', async (t) => {
  if (!needs(t, 'nats')) return
  const server = await NatsServer.start()
  t.teardown(() => server.stop())

  t.test('keeps the contract of logs', async (t) => {
    logContract({
      test: (title, run) => t.test(title, run),
      createEngine: () => natsBroker(t, server, nextStream()),
      shared: true,
      can: { cut: true, restart: true, forget: true, trim: true }
    })
  })

  t.test('makes the stream with the options that it is given, and leaves one that is there as it is', async (t) => {
    const { manager, stream } = await start(t, server, { maxMessages: 7, maxAge: 600_000 })
    await start(t, server, { stream, maxMessages: 8 })
    const { config } = await manager.streams.info(stream)
    t.match(config, {
      max_msgs: 7, max_age: 600_000_000_000, duplicate_window: 300_000_000_000, num_replicas: 1, storage: 'file'
    })
  })

  t.test('says why it does not take a message, and stays connected', async (t) => {
    const { log, reader, manager, stream } = await start(t, server)
    await t.rejects(Promise.resolve(log.append('a', `"${'x'.repeat(2 ** 20)}"`, undefined)), {
      code: 'COMET_ERR_LOG_REFUSED', message: /max_payload/
    })
    await manager.streams.update(stream, { max_msg_size: 1000 })
    await t.rejects(Promise.resolve(log.append('a', `"${'x'.repeat(2000)}"`, undefined)), {
      code: 'COMET_ERR_LOG_REFUSED', message: /size/
    })
    await log.append('a', '1', undefined)
    t.same([log.connected, reader.isReachable, reader.data], [true, true, [1]])
  })

  t.test('knows a keyed message of its own when it is sent again, and that of another node', async (t) => {
    const [one, again, other] = await sessions(t, server, 'one', 'one', 'other')
    const record = { number: 1, channel: 'a', data: '1', key: 'k' }
    const first = await one?.append(record)
    t.match(first, { isNew: true })
    t.same(await again?.append(record), first)
    t.same(await other?.append(record), { ...first, isNew: false })
  })

  t.test('finds the stream that another node has just made', async (t) => {
    const connection = await server.connection(t)
    const manager = await jetstreamManager(connection)
    const options = { stream: nextStream(), ...LIMITS }
    const made = await openStream(manager, options, undefined)
    const streams = Object.create(manager.streams) as typeof manager.streams
    let asked = 0
    streams.info = (name) => manager.streams.info(asked++ === 0 ? 'not-there' : name)
    t.match(await openStream({ ...manager, streams } as JetStreamManager, options, undefined), {
      epoch: made.epoch, start: made.start, subject: made.subject
    })
    t.equal(asked, 2)
  })

  t.test('begins another epoch where the stream holds less than was read, on all nodes the same', async (t) => {
    const { log, reader, manager, stream } = await start(t, server)
    const other = await start(t, server, { stream })
    for (let i = 1; i <= 5; i++) await log.append('a', String(i), undefined)
    await other.log.catchUp()
    await setBack(manager, stream)
    for (const { epochs } of [reader, other.reader]) await reader.until(() => epochs.length > 1)
    await log.append('a', '6', undefined)
    await other.reader.until(() => other.reader.data.length === 6 && other.reader.epoch === reader.epoch)
    t.not(reader.epochs[0], reader.epoch)
    t.equal((await start(t, server, { stream })).reader.epoch, reader.epoch)
  })

  t.test('reports messages that were removed before they could be read, also if none follows', async (t) => {
    const { log, reader, manager, stream } = await start(t, server)
    await log.append('a', '1', undefined)
    for await (const { name } of manager.consumers.list(stream)) await manager.consumers.delete(stream, name)
    const { config } = await manager.streams.info(stream)
    for (let i = 2; i <= 4; i++) {
      await jetstream(await server.connection(t)).publish(config.subjects[0] as string, `x.${i}\na\n${i}`)
    }
    await manager.streams.purge(stream)
    await reader.until(() => reader.lostUpTo.length > 0)
    await log.append('a', '5', undefined)
    t.same([reader.lostUpTo, reader.data, reader.epochs.length], [[4], [1, 5], 1])
  })

  t.test('notices a server that has gone silent, and continues when it answers again', async (t) => {
    const { log, reader, proxy } = await start(t, server, { publishTimeout: 60_000 })
    await log.append('a', '1', undefined)
    proxy.stall()
    await reader.until(() => reader.isReachable === false)
    const appended = log.append('a', '2', undefined)
    proxy.mend()
    await appended
    t.same([reader.data, reader.epochs.length, log.connected], [[1, 2], 1, true])
  })

  t.test('is no longer reachable when the application closes the connection, and can be closed itself', async (t) => {
    const { log, reader, connection } = await start(t, server, { publishTimeout: 100 })
    await connection.close()
    await reader.until(() => reader.isReachable === false)
    await t.rejects(Promise.resolve(log.append('a', '1', undefined)), { code: 'COMET_ERR_LOG_UNAVAILABLE' })
    await log.close()
  })

  t.test('leaves the connection and the stream alone when it is closed, and no consumer behind', async (t) => {
    const { log, connection, manager, stream } = await start(t, server)
    await log.append('a', '1', undefined)
    await log.close()
    await connection.flush()
    // Sooner than the server would tidy up by itself.
    const deadline = performance.now() + 15_000
    while (performance.now() < deadline && (await manager.streams.info(stream)).state.consumer_count > 0) {
      await pause(20)
    }
    t.match((await manager.streams.info(stream)).state, { messages: 1, consumer_count: 0 })
  })

  t.test('takes no stream that is not its own', async (t) => {
    const connection = await server.connection(t)
    const manager = await jetstreamManager(connection)
    const [foreign, covered] = [nextStream(), nextStream()]
    await manager.streams.add({ name: foreign, subjects: [`${foreign}.orders`] })
    await manager.streams.add({ name: `${covered}-all`, subjects: [`${covered}.>`] })
    await t.rejects(openStream(manager, { stream: foreign, ...LIMITS }, undefined), {
      message: /none of a natsLog.*orders/
    })
    await t.rejects(openStream(manager, { stream: covered, ...LIMITS }, undefined), { message: /overlap/ })
    const { log, reader } = unstarted(t, connection, { stream: foreign, publishTimeout: 100 })
    log.start(reader)
    await t.rejects(Promise.resolve(log.append('a', '1', undefined)), {
      code: 'COMET_ERR_LOG_UNAVAILABLE', message: /none of a natsLog/
    })
    t.equal(reader.isReachable, false)
  })

  t.test('names the option that is wrong', async (t) => {
    const connection = await server.connection(t)
    const documented = table(section(section(readDocument('docs/REFERENCE.md'), 'Several nodes'), 'NATS'))
    t.same(documented.map(([name]) => quoted(name))
      .sort(), interfaceMembers('lib/log/nats/nats-log.ts', 'NatsLogOptions').sort())
    for (const [name, , rule] of documented) {
      t.throws(() => natsLog(connection, { [quoted(name)]: 'a.b' }), {
        code: 'COMET_ERR_OPTION', message: `comet: option "${quoted(name)}" must be ${rule}, got "a.b"`
      })
    }
    t.throws(() => natsLog(connection, { maxAge: 299_999 }), { code: 'COMET_ERR_OPTION' })
    t.throws(() => natsLog(connection, { maxLength: 1 } as NatsLogOptions), { code: 'COMET_ERR_OPTION_UNKNOWN' })
    t.throws(() => natsLog({} as NatsConnection), {
      code: 'COMET_ERR_OPTION', message: /"connection" must be a connection of/
    })
  })
})

function nextStream (): string {
  return `stream-${++streams}`
}

interface Started {
  log: MessageLog
  reader: Recorder
  connection: NatsConnection
  manager: JetStreamManager
  proxy: TcpProxy
  stream: string
}

async function start (t: Test, server: NatsServer, options: NatsLogOptions = {}): Promise<Started> {
  const stream = options.stream ?? nextStream()
  const proxy = await TcpProxy.start(server.port)
  t.teardown(() => proxy.stop())
  const connection = await server.connection(t, proxy.port)
  const { log, reader } = unstarted(t, connection, { ...options, stream })
  log.start(reader)
  await reader.until(() => reader.loads > 0)
  return { log, reader, connection, manager: await jetstreamManager(await server.connection(t)), proxy, stream }
}

function unstarted (t: Test, connection: NatsConnection, options: NatsLogOptions): Pick<Started, 'log' | 'reader'> {
  const log = natsLog(connection, options)
  t.teardown(() => log.close())
  return { log, reader: new Recorder() }
}

async function sessions (t: Test, server: NatsServer, ...nodes: string[]): Promise<NatsSession[]> {
  const connection = await server.connection(t)
  const manager = await jetstreamManager(connection)
  const stream = nextStream()
  const state = await openStream(manager, { stream, ...LIMITS }, undefined)
  return nodes.map((node) => new NatsSession({ connection, manager, stream, node, state, end: new AbortController() }))
}

/** As an old backup would: the same stream, without what came since. */
async function setBack (manager: JetStreamManager, stream: string): Promise<void> {
  const { config: { name, subjects, duplicate_window: window } } = await manager.streams.info(stream)
  await manager.streams.delete(stream)
  await manager.streams.add({ name, subjects, duplicate_window: window })
}
