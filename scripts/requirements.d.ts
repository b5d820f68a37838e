export interface Requirement {
  name: string
  /** Executables that prove its presence. */
  commands: string[]
  /** Files that prove it, where an executable alone does not. */
  files?: string[]
  /** The Debian packages that bring them. */
  packages: string[]
  neededFor: string
}

export const requirements: readonly Requirement[]

/** The path of an executable, or undefined where there is none. */
export function locate (command: string): string | undefined

export function isPresent (requirement: Requirement): boolean

/** The command, word by word, that installs what is missing. */
export function installCommand (missing: readonly Requirement[]): string[]
