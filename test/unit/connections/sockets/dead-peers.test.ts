import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Connection } from '../../../../lib/connections/connection.ts'
import { ConnectionRegistry } from '../../../../lib/connections/registry.ts'
import { DeadPeerDetector } from '../../../../lib/connections/sockets/dead-peers.ts'
import { serve } from '../../../fixtures/server.ts'
import { counters, HEAD, line, sourceOf, type TestSource } from '../../../fixtures/socket-tables.ts'
import { held } from '../../../fixtures/transport-clients.ts'

const HEARTBEAT = 15_000
const FIRST = HEARTBEAT * 4 / 3
const SILENT = { times: 5, timeout: 640, when: 320 }

/** With heartbeats of 15 s, looks only when `at` is called. */
function watch (source: TestSource, heartbeat = HEARTBEAT) {
  const found: string[] = []
  let looks = 0
  const errors: unknown[] = []
  const deadPeers = new DeadPeerDetector(heartbeat, (peers) => { looks++; found.push(...peers) }, (error) => {
    errors.push(error)
  }, source)
  async function at (now: number, count = 1): Promise<number> {
    deadPeers.tick(now, count)
    await deadPeers.settled()
    return looks
  }
  return { deadPeers, found, errors, at }
}

/** Who is found in such tables. */
async function found (t: Test, ...tables: string[]): Promise<string[]> {
  const { at, found } = watch(sourceOf(t, tables))
  await at(0)
  await at(FIRST)
  return found
}

t.test('finds who has acknowledged nothing for a third of a heartbeat', async (t) => {
  const table = HEAD +
    line('0100007F:0001', { timer: 0 }) +
    line('0100007F:0002', { timer: 2, times: 9, timeout: 640 }) +
    line('0100007F:0003', { times: 4, timeout: 320, when: 121 }) +
    line('0100007F:0004', { times: 4, timeout: 320, when: 120 }) +
    line('0100007F:0005', { times: 5, timeout: 640, when: 640 }) +
    line('0100007F:0006', { times: 1, timeout: 1100 }) +
    line('0A09080A:FFFF', { times: 12, timeout: 12_000 })
  t.same(await found(t, table), ['127.0.0.1 4', '127.0.0.1 5', '10.8.9.10 65535'])
})

t.test('names addresses as Node does', async (t) => {
  const table = HEAD + line('00000000000000000000000001000000:0050', SILENT) +
    line('0000000000000000FFFF00000100007F:0050', SILENT) +
    line('000080FE000000000100000002000000:0050', SILENT)
  t.same(await found(t, HEAD, table), ['::1 80', '::ffff:127.0.0.1 80', 'fe80::1:0:2 80'])
})

t.test('looks once a first heartbeat can have gone unacknowledged, and then twice a heartbeat', async (t) => {
  const { at } = watch(sourceOf(t, [HEAD + line('0100007F:0001', SILENT)]))
  t.same([await at(0), await at(FIRST - 1), await at(FIRST), await at(FIRST + HEARTBEAT / 2 - 1), await at(FIRST +
    HEARTBEAT / 2)], [0, 0, 1, 1, 2])
})

t.test('a heartbeat counts as two seconds at least', async (t) => {
  const { at } = watch(sourceOf(t, [HEAD + line('0100007F:0001', { times: 3, timeout: 160 })]), 100)
  t.same([await at(0), await at(2666), await at(2667), await at(3666), await at(3667)], [0, 0, 1, 1, 2])
})

t.test('without connections it does not look, and the next one starts anew', async (t) => {
  const { at } = watch(sourceOf(t, [HEAD + line('0100007F:0001', SILENT)]))
  t.same(
    [await at(0), await at(FIRST, 0), await at(FIRST + 1), await at(2 * FIRST), await at(2 * FIRST + 1)],
    [0, 0, 0, 0, 1]
  )
})

t.test('does not look where no timer of the machine has expired, until one does and for as long as somebody is silent', async (t) => {
  const source = sourceOf(t, [HEAD], counters(7))
  const { at } = watch(source)
  let now = FIRST
  const next = (): Promise<number> => at(now += HEARTBEAT)
  await at(0)
  await at(now)
  source.write(0, HEAD + line('0100007F:0001', SILENT))
  t.equal(await next(), 0, 'none has expired')
  writeFileSync(source.counters, counters(8))
  t.equal(await next(), 1, 'one has')
  t.equal(await next(), 2, 'its peer is still silent')
  source.write(0, HEAD)
  t.equal(await next(), 2, 'it has answered')
  source.write(0, HEAD + line('0100007F:0001', SILENT))
  t.equal(await next(), 2, 'and so there is nothing to look for')
})

t.test('where looking takes more than 0.5 % of a core, the looks are further apart', async (t) => {
  const source = sourceOf(t, [HEAD + line('0100007F:0001', SILENT)])
  source.costs(100)
  const { at } = watch(source)
  await at(0)
  t.same([await at(FIRST), await at(FIRST + 24_999), await at(FIRST + 25_000)], [1, 1, 2], '100 ms each 25 s')
  source.costs(10)
  t.same([await at(FIRST + 50_000), await at(FIRST + 57_499), await at(FIRST + 57_500)], [3, 3, 4], '10 ms each 7.5 s')
})

t.test('never looks twice at a time, and once closed tells nobody', async (t) => {
  const { deadPeers, at, found } = watch(sourceOf(t, [(HEAD + line('0100007F:0001', SILENT)).padEnd(4_000_000)]))
  await at(0)
  deadPeers.tick(FIRST, 1)
  deadPeers.tick(2 * FIRST, 1)
  await deadPeers.close()
  t.same(found, [])
})

t.test('where it may not look it says so, and does not try again for an hour', async (t) => {
  const source = sourceOf(t, [HEAD])
  const { at, errors } = watch({ ...source, tables: [join(t.testdirName, 'none')] })
  for (const now of [0, FIRST, FIRST + HEARTBEAT, FIRST + 3_599_999]) await at(now)
  t.equal(errors.length, 1)
  await at(FIRST + 3_600_000)
  t.equal(errors.length, 2)
  t.match(errors[0], { code: 'ENOENT' })
})

t.test('where the system has no such table nothing is read', async (t) => {
  const { at, errors } = watch({ ...sourceOf(t, []), counters: join(t.testdirName, 'none') })
  for (const now of [0, FIRST]) await at(now)
  t.same(errors, [])
})

t.test('connections are named after who is on their other side', async (t) => {
  const seen: Connection[] = []
  const { add } = ConnectionRegistry.prototype
  ConnectionRegistry.prototype.add = function (connection, identity) {
    seen.push(connection)
    add.call(this, connection, identity)
  }
  t.teardown(() => { ConnectionRegistry.prototype.add = add })
  for (const http of ['http', 'h2c'] as const) {
    for (const transport of ['eventsource', 'long-poll'] as const) {
      const server = await serve(t, { http })
      const accepted = once(server.app.server, 'connection') as Promise<[Socket]>
      const client = await held(server, transport)
      const [socket] = await accepted
      t.equal(seen.pop()?.peer(), `127.0.0.1 ${socket.remotePort}`, `${transport} over ${http}`)
      client.cut()
    }
  }
})
