// Prose is wrapped, so that a changed sentence is a short diff.
import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { prose, readDocument } from './markdown.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))
const FOLDERS = ['bench', 'demo', 'docs', 'examples', 'lib', 'scripts', 'test']
const MAX_COLUMNS = 120

for (const path of documents()) {
  t.test(`no line of prose in ${path} is longer than ${MAX_COLUMNS} columns`, async (t) => {
    t.same(prose(readDocument(path)).filter((line) => [...line].length > MAX_COLUMNS && isBreakable(line)), [])
  })
}

t.test('what cannot be broken may be longer', async (t) => {
  const long = 'word '.repeat(30)
  t.same(
    ['| a table |', '![an image](a.png)', '- [a link](#a)', '`code`,'].map(isBreakable), [false, false, false, false]
  )
  t.same([long, `- ${long}`, `[a link](#a) ${long}`, `${long} \`code\``].map(isBreakable), [true, true, true, true])
})

function documents (): string[] {
  const inFolders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && FOLDERS.includes(entry.name))
    .flatMap(({ name }) => readdirSync(`${ROOT}${name}`, { recursive: true, encoding: 'utf8' })
      .map((path) => `${name}/${path}`))
  const isOurs = (path: string): boolean => path.endsWith('.md') && !path.includes('node_modules/')
  return [...readdirSync(ROOT), ...inFolders].filter(isOurs).sort()
}

// A row of a table, or a line of a single image, link or span of code.
function isBreakable (line: string): boolean {
  return !/^\s*(?:[-*] |\d+\. )?(?:\||!?\[[^\]]*\]\([^)]*\)[.,;:]?$|`[^`]*`[.,;:]?$)/.test(line)
}
