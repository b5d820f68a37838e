import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Bundles the plugin as it is in lib/, so that nothing needs to be built before a measurement. */
export async function bundle () {
  await build({
    entryPoints: { comet: `${root}lib/index.ts`, redis: `${root}lib/log/redis.ts`, nats: `${root}lib/log/nats.ts` },
    outdir: `${root}build/bench`,
    bundle: true,
    splitting: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    tsconfigRaw: {}
  })
}
