import { sha256 } from '../../util/digest.ts'

/** Who a connection belongs to. */
export interface Identity {
  /** the client's secret, or a name made up for a connection without one */
  readonly client: string
  readonly user: string | undefined
}

/** What hooks and `subscribers()` show of a client's secret. */
export function digest (client: string): string {
  return sha256(client).slice(0, 22)
}

// No secret begins with it.
const ANONYMOUS = '#'

/** The name of the `count`th connection whose client has not said its secret. */
export function anonymous (count: number): string {
  return `${ANONYMOUS}${count}`
}

/** Whether its client has said who it is, so that it can be known again. */
export function isNamed ({ client }: Identity): boolean {
  return !client.startsWith(ANONYMOUS)
}
