import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import t from 'tap'

const root = fileURLToPath(new URL('../../', import.meta.url))

t.test('each test of test/unit/ has its file in lib/', async (t) => {
  t.same(files('test/unit').filter((file) => !existsSync(`${root}lib/${file.replace(/\.test\.ts$/, '.ts')}`)), [])
})

function files (folder: string): string[] {
  return readdirSync(root + folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts')).map(
    (file) => file.replaceAll('\\', '/')
  )
}
