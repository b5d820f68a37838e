import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import type { Connection } from '../../../lib/connections/connection.ts'
import type { EndReason } from '../../../lib/connections/lease.ts'
import { ConnectionRegistry } from '../../../lib/connections/registry.ts'
import type { CometOptions } from '../../../lib/plugin/options.ts'
import type { Identity } from '../../../lib/connections/presence/presence.ts'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import { parsed } from '../../fixtures/bus.ts'
import { until } from '../../fixtures/until.ts'

/** A connection that does what it is told, and notes it. */
class Fake implements Connection {
  readonly transport = eventsource
  readonly channels = ['a', 'b']
  readonly calls: string[] = []
  lagging = false
  gone = false
  ended: EndReason | undefined
  readonly #connections: ConnectionRegistry
  readonly #stuck: boolean

  constructor (connections: ConnectionRegistry, stuck = false) {
    this.#connections = connections
    this.#stuck = stuck
    connections.add(this, { client: 'c', user: undefined })
  }

  open (): void { this.calls.push('open') }
  deliver (): void { this.calls.push('deliver') }
  restart (): void { this.calls.push('restart') }
  closed (): void { this.calls.push('closed') }
  fail (): void { this.calls.push('fail') }
  supersede (): void { this.calls.push('supersede') }
  tick (): void { this.calls.push('tick') }
  peer (): string { return '::1 2' }
  isGone (): boolean { return this.gone }

  close (reason: EndReason): void {
    this.calls.push(`close ${reason}`)
    this.ended = reason
    if (!this.#stuck) setImmediate(() => { this.#connections.remove(this) })
  }

  destroy (): void {
    this.calls.push('destroy')
    this.#connections.remove(this)
  }
}

const errors: unknown[] = []

function create (t: Test, options: CometOptions = {}, onTick: (now: number) => void = () => {}): ConnectionRegistry {
  const connections = new ConnectionRegistry(parsed(options), onTick, (error) => { errors.push(error) })
  t.teardown(() => connections.close())
  return connections
}

t.test('reaps those on whose other side nobody is', async (t) => {
  const connections = create(t)
  const one = new Fake(connections)
  connections.destroyPeers(new Set(['::1 1']))
  t.same(one.calls, [])
  connections.destroyPeers(new Set(['::1 1', '::1 2']))
  t.same(one.calls, ['destroy'])
})

t.test('sends away whoever finds no place', async (t) => {
  const connections = create(t, { maxConnections: 1 })
  t.equal(connections.refusal('::1'), undefined)
  connections.places.take('::2', new ServerResponse(new IncomingMessage(new Socket())))
  t.equal(connections.refusal('::1'), 'busy')
})

t.test('removes one that has left without an event, and lets nothing of it fall due', async (t) => {
  const connections = create(t, { heartbeatInterval: 1 })
  const [left, there] = [new Fake(connections), new Fake(connections)]
  left.gone = true
  await until(() => there.calls.includes('tick'), 'the other connection has had its tick')
  t.same(left.calls, ['closed'])
  t.match(connections.count(), { eventsource: 1 })
})

t.test('counts what is open', async (t) => {
  const connections = create(t)
  const [one, other] = [new Fake(connections), new Fake(connections)]
  other.lagging = true
  t.same(connections.count(), { eventsource: 2, iframe: 0, 'long-poll': 0 })
  t.same([connections.subscriptions, connections.lagging], [4, 1])
  one.ended = 'gone'
  t.same(connections.count(), { eventsource: 1, iframe: 0, 'long-poll': 0 })
  connections.remove(other)
  t.same([connections.subscriptions, connections.lagging], [0, 0])
})

t.test('ends those that match, and counts them', async (t) => {
  const connections = create(t)
  const [one, other, ended] = [new Fake(connections), new Fake(connections), new Fake(connections)]
  ended.ended = 'slow'
  const asked: [Identity, readonly string[]][] = []
  t.equal(connections.disconnect((identity, channels) => asked.push([identity, channels]) === 1), 1)
  t.same(asked, [[{ client: 'c', user: undefined }, ['a', 'b']], [{ client: 'c', user: undefined }, ['a', 'b']]])
  t.same([one.calls, other.calls, ended.calls], [['close disconnected'], [], []])
})

t.test('lets its connections look for what is due', async (t) => {
  const times: number[] = []
  const connections = create(t, { heartbeatInterval: 1 }, (now) => { times.push(now) })
  const connection = new Fake(connections)
  await until(() => times.length > 0, 'the registry has had a tick')
  t.ok(connection.calls.includes('tick'))
  t.ok(times.every((time) => time <= performance.now()))
})

t.test('one that throws keeps the others from nothing', async (t) => {
  const connections = create(t)
  const [broken, other] = [new Fake(connections), new Fake(connections)]
  broken.close = () => { throw new Error('broken') }
  t.equal(connections.disconnect(() => true), 2)
  t.same(other.calls, ['close disconnected'])
  t.match(errors.splice(0), [{ message: 'broken' }])
})

t.test('a drain ends all, a few at a time, and sends new ones away', async (t) => {
  const connections = create(t)
  const all = Array.from({ length: 50 }, () => new Fake(connections))
  const drained = connections.drain(500)
  t.equal(connections.leaving, true)
  t.equal(connections.refusal('::1'), 'shutdown')
  t.same(all.flatMap(({ calls }) => calls), [])
  const ended: number[] = []
  const watch = setInterval(() => { ended.push(all.filter((connection) => connection.ended !== undefined).length) }, 5)
  await drained
  clearInterval(watch)
  t.ok(all.every(({ calls }) => calls.join() === 'close shutdown'))
  t.ok(ended.some((count) => count > 0 && count < 50), `ended one after another: ${ended.join()}`)
})

t.test('a drain of nobody, or in no time, is over at once', async (t) => {
  const connections = create(t)
  await connections.drain(0)
  const connection = new Fake(connections)
  await connections.drain(0)
  t.same(connection.calls, ['close shutdown'])
})

t.test('a second drain takes over from the first', async (t) => {
  const connections = create(t)
  const connection = new Fake(connections)
  const first = connections.drain(1_000_000)
  await Promise.all([first, connections.drain(1)])
  t.same(connection.calls, ['close shutdown'])
})

t.test('closing ends a drain, and all connections', async (t) => {
  const connections = create(t)
  const connection = new Fake(connections)
  const drained = connections.drain(1_000_000)
  await Promise.all([drained, connections.close()])
  t.same(connection.calls, ['close shutdown'])
})

t.test('closing destroys what does not take its last bytes', async (t) => {
  const connections = create(t)
  const connection = new Fake(connections, true)
  await connections.close()
  t.same(connection.calls, ['close shutdown', 'destroy'])
})

t.test('closing without connections is over at once, each time', async (t) => {
  const connections = create(t)
  await connections.close()
  await connections.close()
  t.equal(connections.refusal('::1'), 'shutdown')
})
