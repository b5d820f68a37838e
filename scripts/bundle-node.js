import { build } from 'esbuild'

/** Bundles modules for the oldest supported Node, without the dependencies. `options` are those of esbuild. */
export async function bundleForNode (options) {
  const output = { platform: 'node', format: 'esm', target: 'node20', sourcemap: true }
  await build({ bundle: true, packages: 'external', ...output, ...options })
}
