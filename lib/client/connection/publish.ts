// Publishing from the page: one POST, which is answered with the id of the message.

import { attempt } from '../browser/env.ts'
import { randomId } from '../browser/random-id.ts'
import { invalid } from '../errors.ts'
import type { Settings } from '../options.ts'
import { CHANNEL, check, checkMethodOptions, KEY } from '../rules.ts'
import { failureFromResponse } from './failure.ts'
import { parse } from './frames.ts'
import { send, type Prepared } from './http.ts'
import { once } from './once.ts'
import { prepare } from './request.ts'

type Resolve = (id: string) => void
type Reject = (reason: unknown) => void

/** A request without an answer is sent once more, within this time in ms. The message's key makes that safe. */
const MAX_RETRY_DELAY = 1000

const OPTIONS = { key: KEY }

/**
 * Publishes a message. Resolves to its id, and rejects with what is wrong with the arguments or why the server has not
 * accepted it. In a browser without `Promise`, what is returned has only a `then`, which takes two functions, returns
 * nothing, and may be called any number of times.
 */
export function publish (
  settings: Settings, channel: string, data: unknown, options?: { key?: string }
): Promise<string> {
  const start = (resolve: Resolve, reject: Reject) => {
    post(settings, bodyOf(settings, channel, data, options), resolve, reject)
  }
  const { Promise } = settings.env
  return Promise ? new Promise(start) : once(start) as Promise<string>
}

function bodyOf (settings: Settings, channel: string, data: unknown, options?: { key?: string }): string {
  check('channel', CHANNEL, channel)
  checkMethodOptions('publish', OPTIONS, options)
  // A cycle or a BigInt throws, a function has no JSON.
  if (attempt(() => JSON.stringify(data)) === undefined) throw invalid('data', 'a JSON value', data)
  const key = (options && options.key) || randomId(settings.env)
  return JSON.stringify({ channel, data, key })
}

function post (settings: Settings, body: string, resolve: Resolve, reject: Reject, isSecondTry?: boolean): void {
  const { env } = settings
  prepare(settings, 'publish', {}, ({ url, headers }) => {
    const request: Prepared = { method: 'POST', url, headers: withType(headers) }
    send(settings, request, body, (answer) => {
      const id = answer.status === 201 && (Object(parse(answer.responseText)) as { id?: string }).id
      if (id) resolve(id)
      else if (answer.status || isSecondTry) reject(failureFromResponse(settings, request, answer).error)
      else {
        const again = () => { post(settings, body, resolve, reject, true) }
        env.setTimeout(again, env.Math.random() * MAX_RETRY_DELAY)
      }
    })
  }, ({ error }) => { reject(error) })
}

/** The application's headers, but for the content type, which is ours. */
function withType (headers: Record<string, string>): Record<string, string> {
  const all: Record<string, string> = { 'Content-Type': 'application/json' }
  for (const name in headers) if (name.toLowerCase() !== 'content-type') all[name] = headers[name] as string
  return all
}
