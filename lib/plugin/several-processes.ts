import cluster from 'node:cluster'

/**
 * Returns a sentence that says why this process seems to share its address with others, or `undefined`. Each of these
 * processes has its own memory. pm2 passes its settings in environment variables, in cluster mode and in fork mode.
 */
export function severalProcesses (
  env: NodeJS.ProcessEnv = process.env, isWorker: boolean = cluster.isWorker
): string | undefined {
  if (env['pm_id'] === undefined) return isWorker ? 'this process is a worker of node:cluster' : undefined
  const isForked = !isWorker && env['exec_mode'] !== 'cluster_mode' && !(Number(env['instances']) > 1)
  if (env['instances'] === '1' || isForked) return undefined
  return `this process is instance ${env['NODE_APP_INSTANCE'] ?? env['pm_id']} of several under pm2`
}
