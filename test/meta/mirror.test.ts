import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))

t.test('each test of test/unit/ has its file in lib/', async (t) => {
  t.same(files('test/unit').filter((file) => !existsSync(`${root}lib/${file.replace(/\.test\.ts$/, '.ts')}`)), [])
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
