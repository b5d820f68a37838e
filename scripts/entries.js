// The modules of the server's half of the package, by the names that package.json exports them under.
export const entries = {
  index: 'lib/index.ts',
  metrics: 'lib/metrics.ts',
  nats: 'lib/log/nats.ts',
  redis: 'lib/log/redis.ts',
  testing: 'lib/testing/index.ts'
}
