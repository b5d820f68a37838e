// A browser does not let a page know whether a server of another origin is down, or answers without CORS headers. A
// request whose answer cannot be read (`no-cors`) shows it: that fails only if there is no answer.

import { copy } from '../browser/dictionary.ts'
import type { ConnectionFailure } from './failure.ts'
import { cometError } from '../errors.ts'
import { isForeign } from './http.ts'
import type { Settings } from '../options.ts'

/** Finds out whether a server of another origin answers, after a request that seems to have had no answer. */
export interface Reachability {
  /**
   * The failure itself, or, if the server was found to answer, `COMET_ERR_CORS` in its place. A failure without a
   * response from another origin also starts a request that finds that out, for the next failure.
   */
  name (failure: ConnectionFailure): ConnectionFailure
  /** To be called with each frame: the page may read what the server sends. */
  reset (): void
}

/** A server of which nothing is known yet. */
export function createReachability (settings: Settings): Reachability {
  const { env, url } = settings
  let hasAnswered = false
  const probe = () => {
    if (!env.fetch) return
    const init = { mode: 'no-cors', credentials: 'omit', cache: 'no-store' } as const
    env.fetch(url + '/long-poll', init).then(() => { hasAnswered = true }, () => {})
  }
  return {
    name (failure) {
      if (!failure.hasNoResponse || !isForeign(settings)) return failure
      if (!hasAnswered) {
        probe()
        return failure
      }
      const { origin } = env.location as Location
      const explained = copy(failure)
      explained.error = cometError('COMET_ERR_CORS', 'the server answers, but its CORS headers do not allow ' + origin)
      return explained
    },
    reset () {
      hasAnswered = false
    }
  }
}
