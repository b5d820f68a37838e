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

// Each build of the client is smaller than this, gzipped.
const MAX_CLIENT_BYTES = 12 * 1024

// Class fields as plain assignments: Object.defineProperty for each of them would cost the client 200 bytes.
const assignFields = { compilerOptions: { useDefineForClassFields: false } }

// Empty, because the paths of tsconfig.json lead into lib/: the demo takes the built package, as anybody else would.
const ownPackage = {}

process.chdir(fileURLToPath(new URL('../', import.meta.url)))

try {
  await Promise.all([buildTypes(), bundleServer(), bundleClient()])
  await Promise.all(['dist/client/client.mjs', 'dist/client/client.js'].map(checkSize))
  await Promise.all([bundleDemoServer(), bundleDemoPages(), cp('demo/public', 'build/demo/public', { recursive: true })])
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
    // Stack traces need the names and lines; the code itself, read in dist/, is what esbuild leaves of it: all but its types and comments.
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
  const { outputFiles } = await build({ entryPoints: [`lib/client/${entry}`], bundle: true, format, target: 'es2020', write: false, tsconfigRaw: assignFields })
  return outputFiles[0].text
}

// esbuild cannot lower classes to ES5, and TypeScript does not bundle. So: bundle, then lower, in one function, so that the
// helpers of TypeScript are no globals of the page.
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

// Properties keep their names, so that what is seen of an object in a debugger is what the source says.
async function shorten (code, file, options) {
  const short = await minify(code, { ...options, compress: { passes: 2 } })
  await writeFile(`dist/client/${file}`, short.code)
}

async function checkSize (file) {
  const bytes = gzipSync(await readFile(file)).length
  console.log(`${file}: ${bytes} bytes gzipped, of ${MAX_CLIENT_BYTES}`)
  if (bytes >= MAX_CLIENT_BYTES) throw new Error(`${file} is too big`)
}

async function bundleDemoServer () {
  await bundleForNode({
    entryPoints: { server: 'demo/server.ts', node: 'demo/nodes/node.ts' },
    outdir: 'build/demo',
    tsconfigRaw: ownPackage
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
    // A page script may import a neighbour for its effects alone, and package.json says that the package has none.
    ignoreAnnotations: true,
    tsconfigRaw: ownPackage
  })
}
