/** What is allowed: some of the channels asked for, at least one. */
export interface Permit {
  readonly channels: readonly string[]
  readonly user: string | undefined
}
