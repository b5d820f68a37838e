import { fileURLToPath } from 'node:url'
import { bundleForNode } from '../scripts/bundle-node.js'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Bundles the plugin from lib/, so that a measurement needs no build. */
export async function bundle () {
  await bundleForNode({
    entryPoints: {
      comet: `${root}lib/index.ts`,
      redis: `${root}lib/log/redis/redis-log.ts`,
      nats: `${root}lib/log/nats/nats-log.ts`
    },
    outdir: `${root}build/bench`,
    splitting: true,
    tsconfigRaw: {}
  })
}
