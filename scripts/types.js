// Bundles the declarations of the package: one file for each export, with the internal declarations that it needs.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rollup } from 'rollup'
import { dts } from 'rollup-plugin-dts'
import { entries } from './entries.js'

const FROM = 'build/types'
// Applications augment these types through `fastify-comet`, which works only through its `export *` of a separate file.
const MESSAGES = 'protocol/messages.d.ts'

/** Compiles lib/, and writes its declarations to dist/. */
export async function buildTypes () {
  await Promise.all(['tsconfig.build.json', 'tsconfig.client.json'].map(compile))
  await Promise.all(['dist/client', 'dist/protocol'].map((folder) => mkdir(folder, { recursive: true })))
  await Promise.all([copyFile(`${FROM}/${MESSAGES}`, `dist/${MESSAGES}`), bundle()])
}

async function compile (project) {
  const tsc = fileURLToPath(new URL('./tsc.js', import.meta.resolve('typescript')))
  const [code] = await once(spawn(process.execPath, [tsc, '-p', project], { stdio: 'inherit' }), 'exit')
  if (code !== 0) throw new Error(`${project} does not compile`)
}

async function bundle () {
  const sources = Object.entries({ ...entries, 'client/index': 'lib/client/index.ts' })
  const input = sources.map(([name, source]) => [name, source.replace('lib', FROM).replace(/\.ts$/, '.d.ts')])
  const bundle = await rollup({
    input: Object.fromEntries(input),
    external: (id) => !/^[./]/.test(id) || id.endsWith('protocol/messages.js') || id === resolve(FROM, MESSAGES),
    plugins: [dts()]
  })
  await bundle.write({
    dir: 'dist',
    entryFileNames: '[name].d.ts',
    chunkFileNames: ({ name }) => `types-${name.replace(/\.d$/, '')}.d.ts`
  })
  await bundle.close()
}
