import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import typescript, { type Statement, SyntaxKind } from 'typescript'

const root = fileURLToPath(new URL('../../', import.meta.url))

t.test('each test of test/unit/ has its file in lib/', async (t) => {
  t.same(files('test/unit').filter((file) => !existsSync(`${root}lib/${file.replace(/\.test\.ts$/, '.ts')}`)), [])
})

t.test('each file of lib/ that has code has its test in test/unit/', async (t) => {
  const untested = (file: string): boolean => !existsSync(`${root}test/unit/${file.replace(/\.ts$/, '.test.ts')}`)
  t.same(files('lib').filter((file) => hasCode(file) && untested(file)), [])
})

t.test('test/fixtures/README.md lists each fixture, and no other', async (t) => {
  const listed = readFileSync(`${root}test/fixtures/README.md`, 'utf8').match(/^\|.*?\|/gm)?.join('') ?? ''
  const names = new Set(Array.from(listed.matchAll(/`([^`]+)`/g), ([, name = '']) => name.replace(/\/$/, '')))
  t.same(names, new Set(readdirSync(`${root}test/fixtures`).filter((name) => name !== 'README.md')))
})

function files (folder: string): string[] {
  const all = readdirSync(root + folder, { recursive: true, encoding: 'utf8' })
  return all.filter((file) => file.endsWith('.ts')).map((file) => file.replaceAll('\\', '/'))
}

/** Whether anything of a file of lib/ is left at run time but what it imports and re-exports. */
function hasCode (file: string): boolean {
  const text = readFileSync(`${root}lib/${file}`, 'utf8')
  const { statements } = typescript.createSourceFile(file, text, typescript.ScriptTarget.Latest, true)
  return statements.some((statement) => !isOnlyTypes(statement))
}

function isOnlyTypes (statement: Statement): boolean {
  if (typescript.isInterfaceDeclaration(statement) || typescript.isTypeAliasDeclaration(statement)) return true
  if (typescript.isImportDeclaration(statement) || typescript.isExportDeclaration(statement)) return true
  if (!typescript.canHaveModifiers(statement)) return false
  return typescript.getModifiers(statement)?.some(({ kind }) => kind === SyntaxKind.DeclareKeyword) ?? false
}
