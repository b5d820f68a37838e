import { build } from 'esbuild'

/** Bundles for Node what `options` (of esbuild) name: modules of its oldest version here, with everything that npm installs left out. */
export async function bundleForNode (options) {
  await build({ bundle: true, packages: 'external', platform: 'node', format: 'esm', target: 'node20', sourcemap: true, ...options })
}
