import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { transform } from 'esbuild'
import t from 'tap'
import ts from 'typescript'
import { codeBlocks, DOCUMENTS, readDocument } from './markdown.ts'

// In the repository, so that the blocks find the built package under its own name.
const BUILD = fileURLToPath(new URL('../../build/', import.meta.url))

const blocks = DOCUMENTS.flatMap((document) => codeBlocks(readDocument(document)).map((block) => ({ ...block, name: `${document}:${block.line}` })))

t.test('every TypeScript block compiles, strictly, against the built package', async (t) => {
  mkdirSync(BUILD, { recursive: true })
  const folder = mkdtempSync(join(BUILD, 'docs-'))
  t.teardown(() => { rmSync(folder, { recursive: true }) })
  const files = new Map(blocks.filter(({ language, code }) => language === 'ts' && !isSignature(code)).map(({ name, code }) => {
    const file = join(folder, `${name.replace(/\W/g, '-')}.ts`)
    writeFileSync(file, code)
    return [file, name]
  }))
  t.ok(files.size > 0)
  // One at a time: what one block declares is not there for the next.
  for (const [file, name] of files) t.same(complaints(file), [], name)
})

t.test('every script block is JavaScript, every JSON block JSON', async (t) => {
  for (const { language, code, name } of blocks) {
    if (language === 'js' || language === 'jsx') await t.resolves(transform(code, { loader: language, format: 'esm' }), name)
    if (language === 'json') t.ok(JSON.parse(code), name)
  }
})

t.test('no other language is written than those that are checked, and configurations', async (t) => {
  const known = ['ts', 'js', 'jsx', 'json', 'html', 'vue', 'svelte', 'sh', 'nginx', 'haproxy', 'caddyfile', 'vcl', 'dockerfile', 'yaml', '']
  for (const { language, name } of blocks) t.ok(known.includes(language), `${name}: ${language}`)
})

// The head of a function, as the reference shows it, is no program.
function isSignature (code: string): boolean {
  return /^\w+\(.*\): .*\n$/.test(code)
}

function complaints (file: string): string[] {
  const program = ts.createProgram([file], {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    skipLibCheck: true,
    noEmit: true
  })
  return ts.getPreEmitDiagnostics(program).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' '))
}
