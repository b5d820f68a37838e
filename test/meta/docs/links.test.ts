import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t from 'tap'
import { linksIn } from './links.ts'
import { DOCUMENTS, headings, readDocument } from './markdown.ts'

const ROOT = fileURLToPath(new URL('../../../', import.meta.url))

for (const path of DOCUMENTS) {
  t.test(`every link of ${path} leads somewhere`, async (t) => {
    for (const { file, anchor, target } of linksIn(path)) {
      const linked = file === '' ? path : join(dirname(path), file)
      t.ok(existsSync(join(ROOT, linked)), `${target}: the file`)
      if (anchor !== undefined) t.ok(anchorsOf(linked).includes(anchor), `${target}: the heading`)
    }
  })
}

t.test('the architecture fits on five pages', async (t) => {
  t.ok(readDocument('docs/ARCHITECTURE.md').trimEnd().split('\n').length <= 155)
})

t.test('the changelog has a section for what is not released yet', async (t) => {
  t.equal(headings(readDocument('CHANGELOG.md'), 2)[0], '[Unreleased]')
})

// As GitHub makes them: lower case, without punctuation, a hyphen for each space.
function anchorsOf (path: string): string[] {
  const text = readDocument(path)
  return [1, 2, 3, 4].flatMap((level) => headings(text, level)).map((heading) =>
    heading.toLowerCase().replace(/[^\w\- ]/g, '').replaceAll(' ', '-'))
}
