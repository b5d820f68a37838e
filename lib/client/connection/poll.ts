import type { Frame } from '../../protocol/wire.ts'
import type { Settings } from '../options.ts'
import { failureFromResponse, type ConnectionFailure } from './failure.ts'
import { isFrame, parse } from './frames.ts'
import { send, type Prepared } from './http.ts'

/** The frames that may come first where the answer opens the subscription. */
const FIRST: readonly unknown[] = ['open', 'close', 'error']

/**
 * Sends one poll. Calls `done` with the frames of its answer, of which there is at least one, or `failed` with the
 * reason if the answer is not a list of frames. Returns a function that aborts the request. Throws what the browser
 * throws.
 *
 * @param opens whether the answer must begin with an `open` frame (or with `close` or `error`)
 */
export function poll (
  settings: Settings,
  prepared: Prepared,
  opens: boolean,
  done: (frames: Frame[]) => void,
  failed: (failure: ConnectionFailure) => void
): () => void {
  return send(settings, prepared, null, (answer) => {
    const body = answer.status === 200 && parse(answer.responseText)
    const frames = Array.isArray(body) ? body.filter(isFrame) : []
    const first = frames[0]
    if (first && (!opens || FIRST.indexOf(first.type) >= 0)) done(frames)
    else failed(failureFromResponse(settings, prepared, answer))
  })
}
