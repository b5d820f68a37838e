import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Bundles the plugin as it is in lib/, so that nothing needs to be built before a measurement. */
export async function bundle () {
  await build({
    entryPoints: [`${root}lib/index.ts`],
    outfile: `${root}build/bench/comet.js`,
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    tsconfigRaw: {}
  })
}
