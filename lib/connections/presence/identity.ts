import { sha256 } from '../../util/digest.ts'

/** The client, and the user, that a connection belongs to. */
export interface Identity {
  /** the client's secret, or an invented name for a connection without one */
  readonly client: string
  /** the user that `authorize` named */
  readonly user: string | undefined
}

/** The digest that hooks and `subscribers()` show in place of a client's secret. */
export function digest (client: string): string {
  return sha256(client).slice(0, 22)
}

// No secret begins with this.
const ANONYMOUS = '#'

/** The name of the `count`th connection whose client has no secret. */
export function anonymous (count: number): string {
  return `${ANONYMOUS}${count}`
}

/** Whether the client has a secret, so that its next connection can be recognized. */
export function isNamed ({ client }: Identity): boolean {
  return !client.startsWith(ANONYMOUS)
}
