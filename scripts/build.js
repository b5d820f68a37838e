// Builds the package into dist/ and the demo into build/demo/.
import { cp, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build, transform } from 'esbuild'
import typescript from 'typescript'
import { entries } from './entries.js'
import { buildTypes } from './types.js'

const MAX_CLIENT_BYTES = 12_288

// Class fields as plain assignments: Object.defineProperty for each of them would cost the client 200 bytes.
const assignFields = { compilerOptions: { useDefineForClassFields: false } }

// Empty, because the paths of tsconfig.json lead into lib/: the demo takes the built package, as anybody else would.
const ownPackage = {}

process.chdir(fileURLToPath(new URL('../', import.meta.url)))

try {
  await Promise.all([buildTypes(), bundleServer(), bundleModule(), bundleClassic()])
  await Promise.all(['dist/client/client.mjs', 'dist/client/client.js'].map(checkSize))
  await Promise.all([bundleDemoServer(), bundleDemoPages(), cp('demo/public', 'build/demo/public', { recursive: true })])
} catch (error) {
  console.error(`The build failed: ${error.message}`)
  process.exitCode = 1
}

async function bundleServer () {
  await build({
    entryPoints: entries,
    outdir: 'dist',
    bundle: true,
    splitting: true,
    chunkNames: 'shared-[hash]',
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
    // Stack traces need the names and lines, and the code is in the repository.
    sourcesContent: false
  })
}

async function bundleModule () {
  await build({
    entryPoints: ['lib/client/index.ts'],
    outfile: 'dist/client/client.mjs',
    bundle: true,
    format: 'esm',
    target: 'es2020',
    minify: true,
    sourcemap: true,
    sourcesContent: false,
    tsconfigRaw: assignFields
  })
}

// esbuild cannot lower classes to ES5, and TypeScript does not bundle. So: bundle, lower, and minify what is ES5 by then,
// in one function, so that the helpers of TypeScript are no globals of the page.
async function bundleClassic () {
  const bundle = await build({ entryPoints: ['lib/client/global.ts'], bundle: true, format: 'esm', target: 'es2020', write: false, tsconfigRaw: assignFields })
  const { outputText } = typescript.transpileModule(bundle.outputFiles[0].text, {
    compilerOptions: {
      target: typescript.ScriptTarget.ES5,
      module: typescript.ModuleKind.ESNext,
      ignoreDeprecations: '6.0'
    }
  })
  const { code } = await transform(`(function () {${outputText}})()`, { target: 'es5', minify: true })
  await writeFile('dist/client/client.js', code)
}

async function checkSize (file) {
  const bytes = gzipSync(await readFile(file), { level: 9 }).length
  console.log(`${file}: ${bytes} bytes gzipped, of ${MAX_CLIENT_BYTES}`)
  if (bytes > MAX_CLIENT_BYTES) throw new Error(`${file} is too big`)
}

async function bundleDemoServer () {
  await build({
    entryPoints: { server: 'demo/server.ts', node: 'demo/nodes/node.ts' },
    outdir: 'build/demo',
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'esm',
    target: 'node20',
    sourcemap: true,
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
