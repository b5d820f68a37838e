// The files that need full coverage: the server's. The client runs in browsers, where coverage is not measured.
const SERVER = ['lib/*.ts', 'lib/!(client)/**/*.ts']

// Tests that run in browsers or against the built package.
const WITHOUT_COVERAGE = /^test\/(browsers|demo|meta|unit\/client|integration\/client)\//

/** The files whose coverage counts while the given test file runs, or `null` for none. */
export default function coverageMap (test) {
  return WITHOUT_COVERAGE.test(test) ? null : SERVER
}
