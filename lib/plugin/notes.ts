import { COMET_ERR_CLOSED, COMET_ERR_LOG_UNAVAILABLE } from '../errors.ts'
import { backoff, sleep } from '../util/backoff.ts'

// More notes than this are not held for a log that takes none.
const MOST = 10_000
const TOO_MANY = `${MOST} control messages are already waiting`

export interface NotesParts {
  /** names this process */
  readonly node: string
  /** Appends a note to the log; rejects where that cannot be done now. */
  readonly append: (data: string) => Promise<void>
  /** Called at the first failure of an outage, and with what was never sent. */
  readonly onError: (error: unknown, text: string) => void
}

/**
 * Notes of this node to the others. Each is sent again until it is in the log: doing what it says twice does no harm, and
 * not doing it does.
 */
export class Notes {
  readonly #parts: NotesParts
  readonly #closing = new AbortController()
  #waiting = 0
  #isFailing = false

  constructor (parts: NotesParts) {
    this.#parts = parts
  }

  send (content: object): void {
    const { node, onError } = this.#parts
    if (this.#closing.signal.aborted) return onError(new COMET_ERR_CLOSED(), NOT_NOTIFIED)
    if (this.#waiting >= MOST) return onError(new COMET_ERR_LOG_UNAVAILABLE(TOO_MANY), NOT_NOTIFIED)
    this.#deliver(JSON.stringify({ node, ...content })).catch((error: unknown) => { onError(error, NOT_NOTIFIED) })
  }

  /** Gives up what could not be sent. Called when the log is closed. */
  close (): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    if (this.#waiting > 0) this.#parts.onError(new COMET_ERR_CLOSED(), NOT_NOTIFIED)
  }

  async #deliver (data: string): Promise<void> {
    const { signal } = this.#closing
    this.#waiting++
    for (let failures = 0; !signal.aborted && !await this.#isAppended(data); failures++) await sleep(backoff(failures), signal)
    this.#waiting--
  }

  async #isAppended (data: string): Promise<boolean> {
    try {
      await this.#parts.append(data)
      this.#isFailing = false
      return true
    } catch (error) {
      if (!this.#isFailing) this.#parts.onError(error, NOT_YET_NOTIFIED)
      this.#isFailing = true
      return false
    }
  }
}

const NOT_YET_NOTIFIED = 'comet: could not yet notify the other nodes of a disconnect, trying again'
const NOT_NOTIFIED = 'comet: could not notify the other nodes of a disconnect'
