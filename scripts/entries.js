// The modules of the server's half of the package, by the names that package.json exports them under.
export const entries = {
  index: 'lib/index.ts',
  metrics: 'lib/plugin/metrics.ts',
  nats: 'lib/log/nats/nats-log.ts',
  redis: 'lib/log/redis/redis-log.ts',
  testing: 'lib/log/contract/index.ts'
}
