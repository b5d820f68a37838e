import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Report } from '../fixtures/lost-network.ts'

const HEARTBEAT = 4000
// A loaded machine is late. Without us it would be a quarter of an hour.
const LATE = 6000

const ALONE = ['-rn', '--']
const script = fileURLToPath(new URL('../fixtures/lost-network.ts', import.meta.url))

t.test('who loses his network without a word is gone within two heartbeats, whatever is on its way to him', async (t) => {
  const { status, error, stderr } = spawnSync(
    'unshare', [...ALONE, 'ip', 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far'], { encoding: 'utf8' }
  )
  if (status !== 0) return t.plan(0, `no network of one's own is to be had here: ${error?.message ?? stderr.trim()}`)
  const child = spawn(
    'unshare',
    [...ALONE, process.execPath, ...process.execArgv, script, String(HEARTBEAT), '60000'],
    { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] }
  )
  t.teardown(() => child.kill())
  const [{ lasted, left, stayed }] = await Promise.race([once(child, 'message'), once(child, 'exit')]) as [Report]
  for (const [what, ms] of Object.entries(lasted)) t.ok(ms !== null && ms < 2 * HEARTBEAT + LATE, `${what}: ${ms} ms`)
  t.same(left, ['busy', 'full', 'idle'], 'and the application is told')
  t.ok(stayed, 'who has a network stays')
})
