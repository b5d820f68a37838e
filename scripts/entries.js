// The server modules of the package, by the names under which package.json exports them.
export const entries = {
  index: 'lib/index.ts',
  metrics: 'lib/plugin/metrics.ts',
  nats: 'lib/log/nats/nats-log.ts',
  redis: 'lib/log/redis/redis-log.ts',
  testing: 'lib/log/contract/index.ts'
}
