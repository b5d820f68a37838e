import { fileURLToPath } from 'node:url'
import { bundleForNode } from '../scripts/bundle-node.js'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Bundles the plugin as it is in lib/, so that nothing needs to be built before a measurement. */
export async function bundle () {
  await bundleForNode({
    entryPoints: { comet: `${root}lib/index.ts`, redis: `${root}lib/log/redis/redis-log.ts`, nats: `${root}lib/log/nats/nats-log.ts` },
    outdir: `${root}build/bench`,
    splitting: true,
    tsconfigRaw: {}
  })
}
