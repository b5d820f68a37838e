// What the tests must cover, see check-coverage.js: the server, and the client as far as Node can run it. What browsers
// run is not measured.
const MEASURED = ['lib/**/*.ts']

// Tests of what runs in browsers, of the built package, and of the documents.
const BEYOND = /^test\/(browsers|demo|meta)\//

/** The files whose coverage is measured while a test file runs; `null` is none. */
export default function coverageMap (test) {
  return BEYOND.test(test) ? null : MEASURED
}
