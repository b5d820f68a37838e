import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Tests that do not depend on the Node version: those of browsers, proxies, the demo, documents, types and style. */
export const onceOnly = [
  /^test\/(browsers|demo|meta\/docs)\//,
  /^test\/integration\/(hostile-proxy|other-clients|proxies)\.test\.ts$/,
  /^test\/meta\/(docs|layers|types)\.test\.ts$/
]

/** The paths of all test files in the repository. */
export function allTests () {
  const files = readdirSync(`${root}test`, { recursive: true }).filter((file) => file.endsWith('.test.ts'))
  return files.map((file) => `test/${file.replaceAll('\\', '/')}`).sort()
}

/** The tests for every Node version: those of the server, the client without a browser, the logs and the package. */
export function serverTests () {
  return allTests().filter((file) => !onceOnly.some((pattern) => pattern.test(file)))
}
