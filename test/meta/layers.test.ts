import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import typescript from 'typescript'

const root = fileURLToPath(new URL('../../lib/', import.meta.url))
const files = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts')).sort()
const imports = new Map(files.map((file) => [file, importsOf(file)]))

t.test('no file imports itself, over however many others', async (t) => {
  t.same(files.filter((file) => reachable(file).has(file)), [])
})

t.test('no file has more than 200 lines', async (t) => {
  t.same(files.filter((file) => textOf(file).split('\n').filter((line) => line.trim() !== '').length > 200), [])
})

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
