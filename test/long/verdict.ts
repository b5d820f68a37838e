// What the long tests share: their argument, their progress, their last word.

/** The first argument. */
export function minutes (otherwise: number): number {
  return Number(process.argv[2] ?? otherwise)
}

const started = performance.now()

/** A line with the seconds since the start. */
export function say (text: string): void {
  console.log(`${((performance.now() - started) / 1000).toFixed(1).padStart(7)} s  ${text}`)
}

/** Prints what was found, and ends the process: with 0 if all of it is right. */
export function verdict (findings: readonly (readonly [what: string, isRight: boolean])[]): never {
  for (const [what, isRight] of findings) console.log(`${isRight ? 'ok    ' : 'not ok'} ${what}`)
  process.exit(findings.every(([, isRight]) => isRight) ? 0 : 1)
}
