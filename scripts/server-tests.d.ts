/** Patterns of the tests that run on one Node version only. */
export const onceOnly: readonly RegExp[]
/** The paths of all test files in the repository. */
export function allTests (): string[]
/** The paths of the tests that run on every Node version. */
export function serverTests (): string[]
