/** The channels that are allowed, at least one, and the user that `authorize` named. */
export interface Permit {
  readonly channels: readonly string[]
  readonly user: string | undefined
}
