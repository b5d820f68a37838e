// What the documentation tests read of the source.
import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

/** All files of a folder of the repository, with their text. */
export function sources (folder: string): { path: string, text: string }[] {
  return readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(`${ROOT}${folder}/${name}`, 'utf8') }))
}

/** All that a pattern finds in a folder of the repository, sorted, each once. */
export function findAll (folder: string, pattern: RegExp, except = /^$/): string[] {
  const found = sources(folder)
    .filter(({ path }) => !except.test(path))
    .flatMap(({ text }) => [...text.matchAll(pattern)].map((match) => match[1] ?? match[0]))
  return [...new Set(found)].sort()
}

/** The names of the members of an interface. */
export function interfaceMembers (path: string, name: string): string[] {
  const declaration = parse(path).statements.find((statement) => ts.isInterfaceDeclaration(statement) &&
    statement.name.text === name)
  if (declaration === undefined || !ts.isInterfaceDeclaration(declaration)) {
    throw new Error(`${path} has no interface ${name}`)
  }
  return declaration.members.map((member) => memberName(member))
}

/** The names of the public members of a class, static ones with the class's name before them. */
export function publicMembers (path: string, name: string): string[] {
  const declaration = parse(path).statements.find((statement) => ts.isClassDeclaration(statement) &&
    statement.name?.text === name)
  if (declaration === undefined || !ts.isClassDeclaration(declaration)) throw new Error(`${path} has no class ${name}`)
  return declaration.members.filter(isPublic).map((member) => isStatic(member)
    ? `${name}.${memberName(member)}`
    : memberName(member))
}

/** The strings that a type is a union of. */
export function unionMembers (path: string, name: string): string[] {
  const declaration = parse(path).statements.find((statement) => ts.isTypeAliasDeclaration(statement) &&
    statement.name.text === name)
  if (declaration === undefined || !ts.isTypeAliasDeclaration(declaration)) {
    throw new Error(`${path} has no type ${name}`)
  }
  const parts = ts.isUnionTypeNode(declaration.type) ? [...declaration.type.types] : [declaration.type]
  return parts.map((part) => part.getText().slice(1, -1))
}

/** The names that a module exports, those of what it re-exports as a whole included. */
export function exportedNames (path: string): string[] {
  const file = parse(path)
  return file.statements.flatMap((statement) => {
    if (ts.isExportDeclaration(statement)) return reexported(path, statement)
    const isExported = ts.canHaveModifiers(statement) &&
      ts.getModifiers(statement)?.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
    if (isExported !== true) return []
    if (ts.isVariableStatement(statement)) {
      return statement.declarationList.declarations.map(({ name }) => name.getText())
    }
    return 'name' in statement ? [(statement.name as ts.Identifier).text] : []
  })
}

function reexported (path: string, { exportClause, moduleSpecifier }: ts.ExportDeclaration): string[] {
  if (exportClause !== undefined && ts.isNamedExports(exportClause)) {
    return exportClause.elements.map(({ name }) => name.text)
  }
  const from = (moduleSpecifier as ts.StringLiteral).text
  return exportedNames(new URL(from, `file:///${path}`).pathname.slice(1))
}

function parse (path: string): ts.SourceFile {
  return ts.createSourceFile(path, readFileSync(`${ROOT}${path}`, 'utf8'), ts.ScriptTarget.Latest, true)
}

function memberName ({ name }: ts.TypeElement | ts.ClassElement): string {
  return name === undefined ? '' : name.getText()
}

function isPublic (member: ts.ClassElement): boolean {
  const hidden = [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword]
  const isHidden = ts.canHaveModifiers(member) &&
    ts.getModifiers(member)?.some(({ kind }) => hidden.includes(kind)) === true
  return !isHidden && !ts.isConstructorDeclaration(member) && member.name?.kind !== ts.SyntaxKind.PrivateIdentifier
}

function isStatic (member: ts.ClassElement): boolean {
  return ts.canHaveModifiers(member) &&
    ts.getModifiers(member)?.some(({ kind }) => kind === ts.SyntaxKind.StaticKeyword) === true
}
