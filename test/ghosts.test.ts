import { once } from 'node:events'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { Connection } from '../lib/connection.ts'
import { Connections } from '../lib/connections.ts'
import { Ghosts } from '../lib/ghosts.ts'
import { serve } from './fixtures/server.ts'
import { held } from './fixtures/transport-clients.ts'

const HEAD = '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n'

/** A line as the kernel writes it. `timer` 1: sent again, so many `times`, with `timeout` hundredths of a second to the next. */
function line (remote: string, { timer = 1, times = 0, timeout = 20 }): string {
  const count = times.toString(16).toUpperCase().padStart(8, '0')
  return `   0: 0100007F:1F90 ${remote} 01 00000071:00000000 0${timer}:0000000A ${count}     0        0 5593916 3 00000000d31f25ee ${timeout} 4 30 10 -1    \n`
}

/** What is found in such tables, with heartbeats of 15 s: who has been silent for 5 s. */
async function found (t: Test, ...tables: string[]): Promise<string[]> {
  const folder = t.testdir(Object.fromEntries(tables.map((text, i) => [`table-${i}`, text])))
  const all: string[] = []
  const ghosts = new Ghosts(15_000, (peers) => { all.push(...peers) }, (error) => { throw error }, tables.map((_, i) => join(folder, `table-${i}`)))
  ghosts.tick(0)
  await ghosts.close()
  return all
}

t.test('finds who has acknowledged nothing for a third of a heartbeat', async (t) => {
  const table = HEAD +
    line('0100007F:0001', { timer: 0 }) +
    line('0100007F:0002', { timer: 2, times: 9, timeout: 640 }) +
    line('0100007F:0003', { times: 4, timeout: 320 }) +
    line('0100007F:0004', { times: 5, timeout: 640 }) +
    line('0100007F:0005', { times: 1, timeout: 1100 }) +
    line('0A09080A:FFFF', { times: 12, timeout: 12_000 })
  t.same(await found(t, table), ['127.0.0.1 4', '10.8.9.10 65535'])
})

t.test('names addresses as Node does', async (t) => {
  const gone = { times: 5, timeout: 640 }
  const table = HEAD + line('00000000000000000000000001000000:0050', gone) + line('0000000000000000FFFF00000100007F:0050', gone) +
    line('000080FE000000000100000002000000:0050', gone)
  t.same(await found(t, HEAD, table), ['::1 80', '::ffff:127.0.0.1 80', 'fe80::1:0:2 80'])
})

t.test('reads tables of any size', async (t) => {
  const table = HEAD + line('0100007F:0001', {}).repeat(2000) + line('0100007F:0002', { times: 5, timeout: 640 }).repeat(2000) + line('0100007F:0003', { times: 5, timeout: 640 })
  t.same(await found(t, table), ['127.0.0.1 2', '127.0.0.1 3'])
})

t.test('looks four times a heartbeat, not more often than twice a second, and never twice at a time', async (t) => {
  const folder = t.testdir({ table: HEAD + line('0100007F:0001', { times: 5, timeout: 640 }) })
  for (const [heartbeat, pause] of [[15_000, 3750], [100, 500]] as const) {
    let looks = 0
    const ghosts = new Ghosts(heartbeat, () => { looks++ }, (error) => { throw error }, [join(folder, 'table')])
    for (const now of [0, pause - 1, pause]) {
      ghosts.tick(now)
      await ghosts.close()
    }
    t.equal(looks, 2, `${heartbeat}`)
    ghosts.tick(2 * pause)
    ghosts.tick(4 * pause)
    await ghosts.close()
    t.equal(looks, 3, `${heartbeat}`)
  }
})

t.test('where it may not look it says so, and lets it be for an hour', async (t) => {
  const errors: unknown[] = []
  const ghosts = new Ghosts(15_000, () => {}, (error) => { errors.push(error) }, [join(t.testdirName, 'none')])
  for (const now of [0, 3_599_999, 3_600_000]) {
    ghosts.tick(now)
    await ghosts.close()
  }
  t.match(errors, [{ code: 'ENOENT' }, { code: 'ENOENT' }])
})

t.test('connections are named after who is on their other side', async (t) => {
  const seen: Connection[] = []
  const { add } = Connections.prototype
  Connections.prototype.add = function (connection, identity) {
    seen.push(connection)
    add.call(this, connection, identity)
  }
  t.teardown(() => { Connections.prototype.add = add })
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
