import cluster from 'node:cluster'

/**
 * What tells that this process shares its address with others; `undefined` where nothing does. Each has a memory of its own.
 * pm2 hands down its settings in the environment, in cluster and in fork mode.
 */
export function severalProcesses (env: NodeJS.ProcessEnv = process.env, isWorker: boolean = cluster.isWorker): string | undefined {
  if (env['pm_id'] === undefined) return isWorker ? 'this process is a worker of node:cluster' : undefined
  const isOnly = env['instances'] === '1' || (!isWorker && env['exec_mode'] !== 'cluster_mode' && !(Number(env['instances']) > 1))
  return isOnly ? undefined : `this process is instance ${env['NODE_APP_INSTANCE'] ?? env['pm_id']} of an application that pm2 runs several times`
}
