// Removes the output of the build and of the tests.
import { rmSync } from 'node:fs'

const root = new URL('../', import.meta.url)

for (const name of ['dist/', 'build/', '.tap/']) {
  rmSync(new URL(name, root), { recursive: true, force: true })
}
