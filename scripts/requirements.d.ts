/** A program or library that tests need and npm does not install. */
export interface Requirement {
  name: string
  /** The executables that must be present. */
  commands: string[]
  /** Files that must be present too, where an executable is not enough. */
  files?: string[]
  /** The Debian packages that contain them. */
  packages: string[]
  neededFor: string
}

/** All requirements of the tests. */
export const requirements: readonly Requirement[]

/** The path of an executable, or `undefined` if it is not found. */
export function locate (command: string): string | undefined

/** Whether all executables and files of the requirement are present. */
export function isPresent (requirement: Requirement): boolean

/** The words of the command that installs the missing requirements. */
export function installCommand (missing: readonly Requirement[]): string[]
