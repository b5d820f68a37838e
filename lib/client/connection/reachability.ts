// A browser does not tell a page whether a server of another origin is away, or answers without CORS headers. A request whose
// answer nobody wants to read tells: it fails only where there is no answer.

import { copy } from '../browser/dictionary.ts'
import type { ConnectionFailure } from './failure.ts'
import { cometError } from '../errors.ts'
import { isForeign } from './http.ts'
import type { Settings } from '../options.ts'

export class Reachability {
  private readonly settings: Settings
  private hasAnswered: boolean | undefined

  constructor (settings: Settings) {
    this.settings = settings
  }

  /** The end in other words, where something has answered since the last failure. If nothing has, it is asked now. */
  name (end: ConnectionFailure): ConnectionFailure {
    if (!end.hasNoResponse || !isForeign(this.settings)) return end
    if (!this.hasAnswered) {
      this.probe()
      return end
    }
    const { location } = this.settings.env
    const message = 'the server answers, but lets no page of ' + (location as Location).origin + ' read it: its CORS headers are missing, or allow neither this origin nor these credentials and headers'
    const renamed = copy(end)
    renamed.error = cometError('COMET_ERR_CORS', message)
    return renamed
  }

  /** The page may read what the server sends. */
  reset (): void {
    this.hasAnswered = false
  }

  private probe (): void {
    const { env, url } = this.settings
    if (!env.fetch) return
    env.fetch(url + '/long-poll', { mode: 'no-cors', credentials: 'omit', cache: 'no-store' }).then(() => { this.hasAnswered = true }, () => {})
  }
}
