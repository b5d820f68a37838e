import { build } from 'esbuild'

/** Bundles modules for the oldest supported Node, without the dependencies. `options` are those of esbuild. */
export async function bundleForNode (options) {
  const common = { bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', sourcemap: true }
  await build({ ...common, ...options })
}
