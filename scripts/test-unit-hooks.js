// The module hooks of test-unit-worker.js: several test files share a process, and each of them imports a `t` of its
// own.
const OWN = 'tap-of:'

export async function resolve (specifier, context, next) {
  const { parentURL = '' } = context
  if (specifier === 'tap' && parentURL.endsWith('.test.ts')) return { url: OWN + parentURL, shortCircuit: true }
  return next(specifier, context)
}

export async function load (url, context, next) {
  if (!url.startsWith(OWN)) return next(url, context)
  return { format: 'module', shortCircuit: true, source: 'export default globalThis.testOfThisFile' }
}
