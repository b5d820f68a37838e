// How long to wait before connecting again. Full jitter: any moment between now and a ceiling that doubles, so that
// a thousand clients cut at one instant do not come back at one instant.

/** ms: the first reconnect comes within this time. */
const FIRST_CEILING = 2000
/** ms: no ceiling is higher. */
const LAST_CEILING = 20_000

/** The latest moment, in ms, of the reconnect after `attempt` failed ones. */
export function maxDelay (attempt: number): number {
  return Math.min(LAST_CEILING, FIRST_CEILING * 2 ** attempt)
}
