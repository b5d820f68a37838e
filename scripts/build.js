// Builds the package into dist/ and the demo into build/demo/.
import { cp, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { minify } from 'terser'
import typescript from 'typescript'
import { bundleForNode } from './bundle-node.js'
import { entries } from './entries.js'
import { chain, keepLines, keepSourceLines, moveDown } from './source-maps.js'
import { buildTypes } from './types.js'

// The limit for each build of the client, gzipped.
const MAX_CLIENT_BYTES = 12 * 1024

// Class fields become plain assignments: an Object.defineProperty for each would cost the client 200 bytes.
const assignFields = { compilerOptions: { useDefineForClassFields: false } }

// The browsers of es2020 have no private fields, and what compilers put in their place, `WeakMap`, is missing in
// older ones. So `#name` becomes `_name`, of the same length, which esbuild then shortens: 3 % of the size.
const privateFields = {
  name: 'private-fields',
  setup: ({ onLoad }) => onLoad({ filter: /lib\/client\/.*\.ts$/ }, async ({ path }) => ({
    contents: (await readFile(path, 'utf8')).replace(/(?<=[ .])#(?=[a-z])/gi, '_'),
    loader: 'ts'
  }))
}

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

// Each step passes on its code and its source map. As with the server's, the sources themselves are not in the
// package: they would add 100 KiB to it.
async function bundleClient () {
  await mkdir('dist/client', { recursive: true })
  await Promise.all([
    bundle('index.ts', 'client.mjs').then((code) => shorten(code, 'client.mjs', { ecma: 2020, module: true })),
    bundle('global.ts', 'client.js').then((code) => shorten(lower(code), 'client.js', { ecma: 5 })),
    bundle('worker.ts', 'worker.js', 'iife').then((code) => shorten(code, 'worker.js', { ecma: 2020 }))
  ])
}

async function bundle (entry, file, format = 'esm') {
  const { outputFiles } = await build({
    entryPoints: [`lib/client/${entry}`],
    outfile: `dist/client/${file}`,
    bundle: true,
    format,
    target: 'es2020',
    write: false,
    sourcemap: 'external',
    minifySyntax: true,
    mangleProps: /^_/,
    plugins: [privateFields],
    tsconfigRaw: assignFields
  })
  const [map, code] = outputFiles
  return { code: code.text, map: JSON.parse(map.text) }
}

// esbuild cannot lower classes to ES5, and TypeScript does not bundle. So: bundle, then lower, in one function, so
// that the helpers of TypeScript are no globals of the page.
function lower ({ code, map }) {
  const { outputText, sourceMapText } = typescript.transpileModule(code, {
    compilerOptions: {
      target: typescript.ScriptTarget.ES5,
      module: typescript.ModuleKind.ESNext,
      sourceMap: true,
      ignoreDeprecations: '6.0'
    }
  })
  const lowered = outputText.replace(/\/\/# sourceMappingURL=.*\s*$/, '')
  return {
    code: `(function () {\n${lowered}\n})()`,
    map: moveDown(chain(map, JSON.parse(sourceMapText)), 1)
  }
}

// Properties keep their names, so that what is seen of an object in a debugger is what the source says.
async function shorten ({ code, map }, file, options) {
  const short = await minify(code, {
    ...options,
    // No property that the client reads has side effects. The other settings only make the files smaller, gzipped.
    compress: { passes: 2, pure_getters: true, inline: 1, hoist_funs: true, lhs_constants: false },
    // Only bundlers look for the map: what browsers load, has no route for it.
    sourceMap: { content: map, filename: file, ...(options.module && { url: `${file}.map` }) }
  })
  await writeFile(`dist/client/${file}`, short.code)
  await writeFile(`dist/client/${file}.map`, JSON.stringify(keepSourceLines(JSON.parse(short.map))))
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
