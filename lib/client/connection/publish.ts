// Publishing from the page: one POST, the message's id in return.

import { failureFromResponse, requestFailure } from './failure.ts'
import { attempt } from '../browser/env.ts'
import { invalid } from '../errors.ts'
import { send, type Answer, type Prepared } from './http.ts'
import { once } from './once.ts'
import type { Settings } from '../options.ts'
import { prepare } from './request.ts'
import { CHANNEL, check, checkOptions, KEY } from '../rules.ts'
import { randomId } from '../browser/random-id.ts'
import { parse } from './frames.ts'

type Settle<T> = (value: T) => void

/** ms within which a request that was not answered is sent once more: its key makes that safe. */
const SECOND_TRY = 1000

/** Sends the message, or rejects what is wrong with it. Where the browser has no promises, what is returned has a `then` alone, which takes two functions and returns nothing. */
export function publish (settings: Settings, channel: string, data: unknown, options?: { key?: string }): Promise<string> {
  const start = (resolve: Settle<string>, reject: Settle<unknown>) => {
    try {
      check('channel', CHANNEL, channel)
      checkOptions('publish', { key: KEY }, options)
    } catch (reason) {
      return reject(reason)
    }
    const key = (options && options.key) || randomId(settings.env)
    // A cycle or a BigInt throws, a function is left out.
    if (attempt(() => JSON.stringify(data)) === undefined) return reject(invalid('data', 'a JSON value', data))
    post(settings, JSON.stringify({ channel, data, key }), resolve, reject, false)
  }
  const { Promise } = settings.env
  return Promise ? new Promise(start) : once(start) as Promise<string>
}

function post (settings: Settings, body: string, resolve: Settle<string>, reject: Settle<unknown>, isLast: boolean): void {
  const { env } = settings
  prepare(settings, 'publish', {}, ({ url, headers }) => {
    const request: Prepared = { method: 'POST', url, headers: withType(headers) }
    const done = (answer: Answer) => {
      const id = answer.status === 201 && (Object(parse(answer.responseText)) as { id?: string }).id
      if (id) resolve(id)
      else if (answer.status || isLast) reject(failureFromResponse(settings, request, answer).error)
      else env.setTimeout(() => { post(settings, body, resolve, reject, true) }, env.Math.random() * SECOND_TRY)
    }
    try {
      send(settings, request, body, done)
    } catch (reason) {
      reject(requestFailure(reason).error)
    }
  }, ({ error }) => { reject(error) })
}

/** The application's headers, and what the body is, whatever they say about that. */
function withType (headers: Record<string, string>): Record<string, string> {
  const all: Record<string, string> = { 'Content-Type': 'application/json' }
  for (const name in headers) if (!/^content-type$/i.test(name)) all[name] = headers[name] as string
  return all
}
