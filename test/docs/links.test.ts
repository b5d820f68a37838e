import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { DOCUMENTS, headings, prose, readDocument } from './markdown.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))

for (const path of DOCUMENTS) {
  t.test(`every link of ${path} leads somewhere`, async (t) => {
    for (const target of linksOf(path)) {
      const [file, anchor] = target.split('#') as [string, string | undefined]
      const linked = file === '' ? path : join(dirname(path), file)
      t.ok(existsSync(join(ROOT, linked)), `${target}: the file`)
      if (anchor !== undefined) t.ok(anchorsOf(linked).includes(anchor), `${target}: the heading`)
    }
  })
}

t.test('the architecture fits on two pages', async (t) => {
  t.ok(readDocument('docs/ARCHITECTURE.md').trimEnd().split('\n').length <= 80)
})

t.test('the changelog has a section for what is not released yet', async (t) => {
  t.equal(headings(readDocument('CHANGELOG.md'), 2)[0], '[Unreleased]')
})

function linksOf (path: string): string[] {
  const targets = [...prose(readDocument(path)).join('\n').matchAll(/\]\(([^)]+)\)/g)].map((match) => match[1] as string)
  return targets.filter((target) => !target.startsWith('https://'))
}

// As GitHub makes them: lower case, without punctuation, a hyphen for each space.
function anchorsOf (path: string): string[] {
  const text = readDocument(path)
  return [1, 2, 3, 4].flatMap((level) => headings(text, level)).map((heading) => heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'))
}
