// A browser does not let a page know whether a server of another origin is down, or answers without CORS headers. A
// request whose answer cannot be read (`no-cors`) shows it: that fails only if there is no answer.

import { copy } from '../browser/dictionary.ts'
import type { ConnectionFailure } from './failure.ts'
import { cometError } from '../errors.ts'
import { isForeign } from './http.ts'
import type { Settings } from '../options.ts'

/** Finds out whether a server of another origin answers, after a request that seems to have had no answer. */
export class Reachability {
  readonly #settings: Settings
  #hasAnswered: boolean | undefined

  constructor (settings: Settings) {
    this.#settings = settings
  }

  /**
   * The failure itself, or, if the server was found to answer, `COMET_ERR_CORS` in its place. A failure without a
   * response from another origin also starts a request that finds that out, for the next failure.
   */
  name (failure: ConnectionFailure): ConnectionFailure {
    if (!failure.hasNoResponse || !isForeign(this.#settings)) return failure
    if (!this.#hasAnswered) {
      this.#probe()
      return failure
    }
    const { location } = this.#settings.env
    const explained = copy(failure)
    const { origin } = location as Location
    explained.error = cometError('COMET_ERR_CORS', 'the server answers, but no page of ' + origin +
      ' may read it: its CORS headers do not allow that')
    return explained
  }

  /** To be called with each frame: the page may read what the server sends. */
  reset (): void {
    this.#hasAnswered = false
  }

  #probe (): void {
    const { env, url } = this.#settings
    if (!env.fetch) return
    const init = { mode: 'no-cors', credentials: 'omit', cache: 'no-store' } as const
    env.fetch(url + '/long-poll', init).then(() => { this.#hasAnswered = true }, () => {})
  }
}
