import t from 'tap'
import {
  expiredTimers, kernelFiles, readTables, type Retransmitting
} from '../../../../lib/connections/sockets/socket-table.ts'
import { counters, HEAD, line, sourceOf } from '../../../fixtures/socket-tables.ts'

t.test('tells of those sockets that are sending again, in tables of any size', async (t) => {
  const quiet = (from: number): string =>
    Array.from({ length: 20_000 }, (_, i) => line('0100007F:0001', { timer: 0 }, from + i)).join('')
  const table = HEAD + quiet(0) + line('0100007F:0002', { times: 5, timeout: 640, when: 40 }, 20_000) + quiet(20_001) +
    line('0100007F:0003', { times: 1, timeout: 40 }, 40_001)
  const found: Retransmitting[] = []
  let turns = 0
  let immediate = setImmediate(function count () { turns++; immediate = setImmediate(count) })
  await readTables(sourceOf(t, [table, HEAD]), new AbortController().signal, (socket) => { found.push(socket) })
  clearImmediate(immediate)
  t.same(found, [
    { address: '0100007F', port: 2, times: 5, silence: 12_200 },
    { address: '0100007F', port: 3, times: 1, silence: 200 }
  ])
  t.ok(turns > 3, `the event loop turned ${turns} times meanwhile`)
})

t.test('passes over what is not in the form that it knows', async (t) => {
  const cut = line('0100007F:0001', { times: 2 }).slice(0, 70) + '\n'
  const found: number[] = []
  await readTables(sourceOf(t, [HEAD + cut + ':\n\n' +
    line('0100007F:0002', { times: 2 })]), new AbortController().signal, ({ port }) => {
    found.push(port)
  })
  t.same(found, [2])
})

t.test('ends where it is aborted', async (t) => {
  const abort = new AbortController()
  const found: number[] = []
  const table = HEAD + Array.from({ length: 40_000 }, (_, i) => line('0100007F:0001', { times: 2 }, i)).join('')
  await readTables(sourceOf(t, [table, table]), abort.signal, () => { if (found.push(1) === 1) abort.abort() })
  t.ok(found.length < 40_000, `after ${found.length} sockets`)
})

t.test('the time that it takes is that of its own slices', async (t) => {
  const source = sourceOf(t, [HEAD, HEAD])
  source.costs(3)
  t.equal(await readTables(source, new AbortController().signal, () => {}), 6)
})

t.test('knows how many timers have expired, where that is counted', async (t) => {
  t.equal(expiredTimers(sourceOf(t, [], counters(4711))), 4711)
  t.equal(expiredTimers(sourceOf(t, [])), undefined)
  t.equal(expiredTimers(sourceOf(t, [], '')), undefined)
})

t.test('on Linux it finds the tables of this machine', async (t) => {
  if (process.platform !== 'linux') return t.plan(0, 'this is not Linux')
  t.match(kernelFiles.tables, ['/proc/net/tcp'])
  const before = kernelFiles.cpu()
  t.ok(await readTables(kernelFiles, new AbortController().signal, () => {}) >= 0)
  t.ok(kernelFiles.cpu() > before)
  t.type(expiredTimers(kernelFiles), 'number')
})
