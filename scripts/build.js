// Builds the package into dist/ and the demo into build/demo/.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'
import typescript from 'typescript'
import { bundleForNode } from './bundle-node.js'
import { entries } from './entries.js'
import { keepLines } from './source-maps.js'
import { buildTypes } from './types.js'

// The limit for each build of the client, gzipped.
const MAX_CLIENT_BYTES = 12 * 1024

// Class fields become plain assignments: an Object.defineProperty for each would cost the client 200 bytes.
const assignFields = { compilerOptions: { useDefineForClassFields: false } }

// Empty, because the paths in tsconfig.json lead to lib/: the demo imports the built package, as any application does.
const withoutPaths = {}

process.chdir(fileURLToPath(new URL('../', import.meta.url)))

try {
  await Promise.all([buildTypes(), bundleServer(), bundleClient()])
  await Promise.all(['dist/client/client.mjs', 'dist/client/client.js'].map(checkSize))
  const demoFiles = cp('demo/public', 'build/demo/public', { recursive: true })
  await Promise.all([bundleDemoServer(), bundleDemoPages(), demoFiles])
} catch (error) {
  console.error(`The build failed: ${error.message}`)
  process.exitCode = 1
}

async function bundleServer () {
  await bundleForNode({
    entryPoints: entries,
    outdir: 'dist',
    splitting: true,
    chunkNames: 'shared-[hash]',
    // Stack traces need only names and lines. The code in dist/ is readable: esbuild removes only types and comments.
    sourcesContent: false
  })
  const maps = (await readdir('dist')).filter((file) => file.endsWith('.map'))
  await Promise.all(maps.map((file) => keepLines(`dist/${file}`)))
}

async function bundleClient () {
  await mkdir('dist/client', { recursive: true })
  await Promise.all([
    bundle('index.ts').then((code) => shorten(code, 'client.mjs', { ecma: 2020, module: true })),
    bundle('global.ts').then((code) => shorten(lower(code), 'client.js', { ecma: 5 })),
    bundle('worker.ts', 'iife').then((code) => shorten(code, 'worker.js', { ecma: 2020 }))
  ])
}

async function bundle (entry, format = 'esm') {
  const { outputFiles } = await build({
    entryPoints: [`lib/client/${entry}`],
    bundle: true,
    format,
    target: 'es2020',
    write: false,
    tsconfigRaw: assignFields
  })
  return outputFiles[0].text
}

// esbuild cannot lower classes to ES5, and TypeScript does not bundle, so the bundle is lowered afterwards. The
// function around it keeps TypeScript's helpers from becoming globals of the page.
function lower (code) {
  const { outputText } = typescript.transpileModule(code, {
    compilerOptions: {
      target: typescript.ScriptTarget.ES5,
      module: typescript.ModuleKind.ESNext,
      ignoreDeprecations: '6.0'
    }
  })
  return `(function () {${outputText}})()`
}

// Property names are not mangled, so that objects look the same in a debugger as in the source.
async function shorten (code, file, options) {
  const short = await minify(code, { ...options, compress: { passes: 2 } })
  await writeFile(`dist/client/${file}`, short.code)
}

async function checkSize (file) {
  const bytes = gzipSync(await readFile(file)).length
  console.log(`${file}: ${bytes} bytes gzipped, of ${MAX_CLIENT_BYTES}`)
  if (bytes >= MAX_CLIENT_BYTES) throw new Error(`${file} exceeds its limit`)
}

async function bundleDemoServer () {
  await bundleForNode({
    entryPoints: { server: 'demo/server.ts', node: 'demo/nodes/node.ts' },
    outdir: 'build/demo',
    tsconfigRaw: withoutPaths
  })
}

async function bundleDemoPages () {
  await build({
    entryPoints: ['demo/pages/*.ts'],
    outdir: 'build/demo/public/assets',
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    sourcemap: true,
    // A page script may import another one only for its side effects, and package.json declares that there are none.
    ignoreAnnotations: true,
    tsconfigRaw: withoutPaths
  })
}
