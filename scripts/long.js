// Runs one of the long tests in test/long/, for example `npm run long -- soak 30`. See their README.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { bundleForNode } from './bundle-node.js'

process.chdir(fileURLToPath(new URL('../', import.meta.url)))

const files = (await readdir('test/long')).filter((name) => name.endsWith('.ts'))
const [name = '', ...args] = process.argv.slice(2)

if (files.includes(`${name}.ts`)) process.exitCode = await run()
else {
  console.error('Usage: npm run long -- <name> [arguments], see test/long/README.md')
  process.exitCode = 1
}

async function run () {
  await bundleForNode({
    entryPoints: files.map((file) => `test/long/${file}`),
    outdir: 'build/long',
    outExtension: { '.js': '.mjs' },
    // Empty, because the paths in tsconfig.json lead to lib/: the long tests run against the built package.
    tsconfigRaw: {}
  })
  const command = ['--enable-source-maps', '--expose-gc', `build/long/${name}.mjs`, ...args]
  const [code] = await once(spawn(process.execPath, command, { stdio: 'inherit' }), 'exit')
  return code ?? 1
}
