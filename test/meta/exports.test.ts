// What the files of lib/ export: each name has a doc comment and stands for one thing.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import typescript, { type Node, type SourceFile, type Statement, SyntaxKind } from 'typescript'

const root = fileURLToPath(new URL('../../lib/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).sort()
const sources = new Map(files.map((file) => [file, parse(file)]))
const exported = [...sources].flatMap(([file, source]) =>
  exportsOf(source).map(({ name, node }) => ({ name, node, file })))

// The server and the client are two packages in one. What both publish under one name, each of them declares.
const PUBLISHED_TWICE = published('index.ts').filter((name) => published('client/index.ts').includes(name))

t.test('every exported name has a doc comment', async (t) => {
  t.ok(exported.length > 100)
  t.same(exported.filter(({ node }) => !hasDocComment(node)).map(({ file, name }) => `${file}: ${name}`), [])
})

t.test('no name is exported from two files, except what server and client both publish', async (t) => {
  const places = new Map<string, Set<string>>()
  for (const { name, file } of exported) places.set(name, (places.get(name) ?? new Set()).add(file))
  const twice = [...places].filter(([name, { size }]) => size > 1 && !PUBLISHED_TWICE.includes(name))
  t.same(twice.map(([name, places]) => `${name}: ${[...places].join(', ')}`), [])
})

function parse (file: string): SourceFile {
  return typescript.createSourceFile(file, readFileSync(root + file, 'utf8'), typescript.ScriptTarget.Latest, true)
}

/** The names that a file declares and exports. What it re-exports is documented where it is declared. */
function exportsOf (source: SourceFile): { name: string, node: Node }[] {
  return source.statements.filter((statement) => isExported(statement)).flatMap((statement) => {
    return namesOf(statement).map((name) => ({ name, node: statement }))
  })
}

function isExported (statement: Statement): boolean {
  if (!typescript.canHaveModifiers(statement)) return false
  return typescript.getModifiers(statement)?.some(({ kind }) => kind === SyntaxKind.ExportKeyword) ?? false
}

function namesOf (statement: Statement): string[] {
  if (typescript.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name.getText())
  }
  return 'name' in statement ? [(statement.name as Node).getText()] : []
}

/** Overloads of a function share the comment of the first. */
function hasDocComment (node: Node): boolean {
  if (typescript.getJSDocCommentsAndTags(node).length > 0) return true
  if (!typescript.isFunctionDeclaration(node)) return false
  const overloads = node.getSourceFile().statements.filter(typescript.isFunctionDeclaration)
  const first = overloads.find(({ name }) => name?.text === node.name?.text)
  return first !== undefined && first !== node && hasDocComment(first)
}

/** The names that a module exports, its re-exports included. */
function published (file: string): string[] {
  const source = sources.get(file) as SourceFile
  return [...exportsOf(source).map(({ name }) => name), ...source.statements.flatMap((statement) => {
    if (!typescript.isExportDeclaration(statement)) return []
    const { exportClause, moduleSpecifier } = statement
    if (exportClause === undefined) {
      const from = new URL((moduleSpecifier as typescript.StringLiteral).text, `file:///${file}`)
      return published(from.pathname.slice(1))
    }
    return typescript.isNamedExports(exportClause) ? exportClause.elements.map(({ name }) => name.text) : []
  })]
}
