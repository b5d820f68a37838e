import cluster from 'node:cluster'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { severalProcesses } from '../../../lib/plugin/several-processes.ts'

const alone: [what: string, env: NodeJS.ProcessEnv][] = [
  ['started by itself', {}],
  ['with variables of a container that look like others', { NODE_APP_INSTANCE: '1', instances: '4' }],
  ['of pm2 in fork mode', { pm_id: '3', exec_mode: 'fork_mode', NODE_APP_INSTANCE: '0' }],
  ['of pm2 in fork mode, once', { pm_id: '3', exec_mode: 'fork_mode', NODE_APP_INSTANCE: '0', instances: '1' }],
  ['of pm2 in cluster mode, once', { pm_id: '3', exec_mode: 'cluster_mode', NODE_APP_INSTANCE: '0', instances: '1' }]
]

for (const [what, env] of alone) {
  t.test(`a process ${what} is alone`, async (t) => {
    t.equal(severalProcesses(env, env['exec_mode'] === 'cluster_mode'), undefined)
  })
}

t.test('a worker of node:cluster is one of several, and so is an instance that pm2 runs several times', async (t) => {
  t.match(severalProcesses({}, true), 'node:cluster')
  t.match(
    severalProcesses({ pm_id: '5', exec_mode: 'cluster_mode', NODE_APP_INSTANCE: '1', instances: '2' }, true),
    /instance 1 .* pm2/
  )
  t.match(severalProcesses({ pm_id: '5', exec_mode: 'cluster_mode' }, true), /instance 5 .* pm2/)
  t.match(
    severalProcesses({ pm_id: '5', exec_mode: 'fork_mode', instances: '2', NODE_APP_INSTANCE: '1' }, false), 'pm2'
  )
})

t.test('this process is alone', async (t) => {
  t.equal(severalProcesses(), undefined)
})

t.test('a worker of node:cluster with the memory log is warned once at its start, one with a log of several nodes is not', async (t) => {
  cluster.setupPrimary({ exec: fileURLToPath(new URL('../../fixtures/cluster-worker.ts', import.meta.url)) })
  for (const [log, texts] of [['memory', [/worker of node:cluster.*redisLog.*natsLog/]], ['shared', []]] as const) {
    const worker = cluster.fork({ LOG: log })
    const [warnings] = await once(worker, 'message') as [string[]]
    t.match(warnings, texts)
    t.equal(warnings.length, texts.length)
    await once(worker, 'exit')
  }
})
