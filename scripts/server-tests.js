import { readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../', import.meta.url))

/** Tests whose outcome does not depend on the Node that runs them: of browsers, proxies, the demo, documents, types and style. */
export const onceOnly = [
  /^test\/(browsers|demo|meta\/docs)\//,
  /^test\/integration\/(hostile-proxy|other-clients|proxies)\.test\.ts$/,
  /^test\/meta\/(docs|layers|types)\.test\.ts$/
]

/** All test files, by their paths in the repository. */
export function allTests () {
  return readdirSync(`${root}test`, { recursive: true }).map((file) => `test/${file.replaceAll('\\', '/')}`).filter((file) => file.endsWith('.test.ts')).sort()
}

/** Those that are run on each version of Node: of the server, the client without a browser, the logs and the package. */
export function serverTests () {
  return allTests().filter((file) => !onceOnly.some((pattern) => pattern.test(file)))
}
