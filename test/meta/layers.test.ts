// Holds the table of the folders in docs/ARCHITECTURE.md to lib/, both ways.
import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import typescript from 'typescript'
import { readDocument, section, table } from './docs/markdown.ts'

const MAX_ENTRIES = 12
const MAX_FILES = 15
const MAX_LINES = 200

// Layers that import no package but those in their row: they run in browsers, or stand below everything else.
const CLOSED = new Set(['client/', 'protocol/', 'errors.ts'])

const root = fileURLToPath(new URL('../../lib/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).sort()
const imports = new Map(files.map((file) => [file, importsOf(file)]))
const rows = table(section(readDocument('docs/ARCHITECTURE.md'), 'Code map'))
/** What each entry of lib/ may import: other entries, single files, packages. */
const layers = new Map(rows.map(([entry = '', , allowed = '']) => [quotedIn(entry)[0] ?? '', quotedIn(allowed)]))

t.test('every entry of lib/ has a row in the table, and every row an entry', async (t) => {
  const all = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  const entries = new Set(all.map(({ parentPath, name }) => layerOf(relative(root, join(parentPath, name)))))
  t.same([...layers.keys()].sort(), [...entries].sort())
})

t.test('files import from their own layer and from those that its row allows', async (t) => {
  t.same(files.flatMap((file) =>
    importsOf(file).filter((name) => !mayImport(file, name)).map((name) => `${file} imports ${name}`)), [])
})

t.test('layers import downwards: a row allows only rows below it', async (t) => {
  const names = [...layers.keys()]
  for (const [name, allowed] of layers) {
    const above = names.slice(0, names.indexOf(name) + 1)
    t.same(allowed.filter((path) => above.includes(layerOf(path))), [], name)
  }
})

t.test('no file imports itself, over however many others', async (t) => {
  t.same(files.filter((file) => reachable(file).has(file)), [])
})

t.test(`lib/ has at most ${MAX_ENTRIES} entries, and no folder more than ${MAX_FILES} files`, async (t) => {
  t.ok(layers.size <= MAX_ENTRIES, `${layers.size} entries`)
  const folders = [...new Set(files.map((file) => dirname(file)))]
  t.same(folders.filter((folder) => files.filter((file) => dirname(file) === folder).length > MAX_FILES), [])
})

t.test(`no file has more than ${MAX_LINES} lines`, async (t) => {
  t.same(files.filter((file) => textOf(file).split('\n').filter((line) => line.trim() !== '').length > MAX_LINES), [])
})

function mayImport (file: string, name: string): boolean {
  const layer = layerOf(file)
  if (files.includes(name) && layerOf(name) === layer) return true
  const allowed = layers.get(layer) ?? []
  if (!files.includes(name)) return !CLOSED.has(layer) || allowed.includes(name)
  return allowed.some((path) => path.endsWith('/') ? name.startsWith(path) : name === path)
}

/** The entry of lib/ that a path in it begins with. */
function layerOf (path: string): string {
  return path.includes('/') ? path.slice(0, path.indexOf('/') + 1) : path
}

function quotedIn (cell: string): string[] {
  return [...cell.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? '')
}

function reachable (file: string, seen = new Set<string>()): Set<string> {
  for (const name of imports.get(file) ?? []) {
    if (seen.has(name)) continue
    seen.add(name)
    reachable(name, seen)
  }
  return seen
}

/** Files as paths in lib/, packages by their names. */
function importsOf (file: string): string[] {
  return typescript.preProcessFile(textOf(file)).importedFiles.map(({ fileName }) => {
    return fileName.startsWith('.') ? normalize(join(dirname(file), fileName)) : fileName
  })
}

function textOf (file: string): string {
  return readFileSync(join(root, file), 'utf8')
}
