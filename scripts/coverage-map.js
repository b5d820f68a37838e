// What the tests must cover whole: the server. The client runs in browsers, where nothing is measured.
const SERVER = ['lib/*.ts', 'lib/!(client)/**/*.ts']

// Tests of what runs in browsers or of what was built.
const BEYOND = /^test\/(browsers|demo|meta|unit\/client|integration\/client)\//

/** The files whose coverage counts while a test file runs; `null` is none. */
export default function coverageMap (test) {
  return BEYOND.test(test) ? null : SERVER
}
