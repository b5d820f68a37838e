// How long to wait before connecting again. Full jitter: any moment between now and a ceiling that doubles, so that
// a thousand clients cut at one instant do not come back at one instant.

/** ms: the first reconnect comes within this time. */
export const FIRST_CEILING = 2000
/** ms: no ceiling is higher. */
export const LAST_CEILING = 20_000

/** The latest moment, in ms, of the reconnect after `attempt` failed ones. */
export function ceiling (attempt: number): number {
  return Math.min(LAST_CEILING, FIRST_CEILING * Math.pow(2, Math.min(attempt, 10)))
}

/** A delay in ms: `after`, and a random part of `spread`. */
export function delay (after: number, spread: number, random: () => number): number {
  return after + Math.floor(random() * spread)
}
