// Runs the test files that it is given in this process, one after the other, each as a subtest.
import { register } from 'node:module'
import { pathToFileURL } from 'node:url'

// tap makes names of files from the command line, and would make them too long.
const files = process.argv.splice(2)
const { default: t } = await import('tap')

register('./test-unit-hooks.js', import.meta.url)

for (const file of files) {
  t.test(file, async (t) => {
    globalThis.testOfThisFile = t
    await import(pathToFileURL(file).href)
  })
}
