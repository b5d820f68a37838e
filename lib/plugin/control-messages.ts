import { COMET_ERR_CLOSED, COMET_ERR_LOG_UNAVAILABLE } from '../errors.ts'
import { backoff, sleep } from '../util/backoff.ts'

// The most control messages that wait for a log that accepts none.
const MAX_WAITING = 10_000

const TOO_MANY = `${MAX_WAITING} control messages are already waiting`
const NOT_YET_NOTIFIED = 'comet: could not yet notify the other nodes of a disconnect, trying again'
const NOT_NOTIFIED = 'comet: could not notify the other nodes of a disconnect'

/** What `ControlMessages` needs. */
export interface ControlMessagesParts {
  /** names this process */
  readonly node: string
  /** Appends a control message to the log; rejects where that is impossible now. */
  readonly append: (data: string) => Promise<void>
  /** Called at the first failure of an outage, and with the error for messages that were never sent. */
  readonly onError: (error: unknown, text: string) => void
}

/**
 * Sends control messages of this node to the others. Each is appended again until it is in the log: acting on it twice
 * does no harm, and not acting on it does.
 */
export class ControlMessages {
  readonly #parts: ControlMessagesParts
  readonly #closing = new AbortController()
  #waiting = 0
  #isFailing = false

  constructor (parts: ControlMessagesParts) {
    this.#parts = parts
  }

  /** Sends an object that JSON can carry, with this node's name. Never throws: see `onError`. */
  send (content: object): void {
    const { node, onError } = this.#parts
    if (this.#closing.signal.aborted) return onError(new COMET_ERR_CLOSED(), NOT_NOTIFIED)
    if (this.#waiting >= MAX_WAITING) return onError(new COMET_ERR_LOG_UNAVAILABLE(TOO_MANY), NOT_NOTIFIED)
    this.#deliver(JSON.stringify({ node, ...content })).catch((error: unknown) => { onError(error, NOT_NOTIFIED) })
  }

  /** Gives up the messages that are not in the log yet. Call it once the log is closed. */
  close (): void {
    if (this.#closing.signal.aborted) return
    this.#closing.abort()
    if (this.#waiting > 0) this.#parts.onError(new COMET_ERR_CLOSED(), NOT_NOTIFIED)
  }

  async #deliver (data: string): Promise<void> {
    const { signal } = this.#closing
    this.#waiting++
    for (let failures = 0; !signal.aborted && !await this.#isAppended(data); failures++) {
      await sleep(backoff(failures), signal)
    }
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
