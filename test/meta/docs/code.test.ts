import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import t from 'tap'
import ts from 'typescript'
import { codeBlocks, DOCUMENTS, readDocument } from './markdown.ts'

// In the repository, so that the blocks find the built package under its own name.
const BUILD = fileURLToPath(new URL('../../../build/', import.meta.url))

const OPTIONS: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.NodeNext,
  moduleResolution: ts.ModuleResolutionKind.NodeNext,
  lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
  types: ['node'],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true
}

const sourceFiles = new Map<string, ts.SourceFile | undefined>()

const blocks = DOCUMENTS.flatMap((document) =>
  codeBlocks(readDocument(document)).map((block) => ({ ...block, name: `${document}:${block.line}` })))

t.test('every TypeScript block compiles, strictly, against the built package', async (t) => {
  mkdirSync(BUILD, { recursive: true })
  const folder = mkdtempSync(join(BUILD, 'docs-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const files = new Map(blocks.filter(({ language, code }) => language === 'ts' && !isSignature(code))
    .map(({ name, code }) => {
      const file = join(folder, `${name.replace(/\W/g, '-')}.ts`)
      writeFileSync(file, code)
      return [file, name]
    }))
  const [augmenting, plain] = [true, false].map((wanted) => [...files.keys()].filter((file) =>
    readFileSync(file, 'utf8').includes('declare module') === wanted)) as [string[], string[]]
  t.ok(augmenting.length > 0 && plain.length > 0)
  // What one block adds to the types of others must not be there for the next.
  for (const group of [plain, ...augmenting.map((file) => [file])]) {
    t.same(complaints(group), [], group.map((file) => files.get(file)).join(', '))
  }
})

t.test('every script block is JavaScript, every JSON block JSON', async (t) => {
  for (const { language, code, name } of blocks) {
    if (language === 'js' || language === 'tsx') {
      await t.resolves(transform(code, { loader: language, format: 'esm' }), name)
    }
    if (language === 'json') t.ok(JSON.parse(code), name)
  }
})

t.test('no other language is written than those that are checked, and configurations', async (t) => {
  const known = [
    'ts', 'js', 'tsx', 'json', 'html', 'vue', 'svelte', 'sh', 'nginx', 'haproxy', 'caddyfile', 'apache', 'lighttpd',
    'vcl', 'dockerfile', 'yaml', ''
  ]
  for (const { language, name } of blocks) t.ok(known.includes(language), `${name}: ${language}`)
})

// The head of a function, as the reference shows it, is no program.
function isSignature (code: string): boolean {
  return /^\w+\(.*\): .*\n$/.test(code)
}

function complaints (files: string[]): string[] {
  const host = ts.createCompilerHost(OPTIONS)
  const { getSourceFile } = host
  // The libraries are parsed once for all programs.
  host.getSourceFile = (name, ...rest) => {
    if (!sourceFiles.has(name)) sourceFiles.set(name, getSourceFile(name, ...rest))
    return sourceFiles.get(name)
  }
  return ts.getPreEmitDiagnostics(ts.createProgram(files, OPTIONS, host)).map(({ file, messageText }) =>
    `${basename(file?.fileName ?? '')}: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`)
}
