// Publishing from the page: one POST, the message's id in return.

import { refusedBy } from './end.ts'
import { attempt } from './env.ts'
import { invalid } from './errors.ts'
import type { Settings } from './options.ts'
import { prepare, send } from './request.ts'
import { parse } from './wire.ts'

type Settle<T> = (value: T) => void

/** ms within which a request that was not answered is sent once more: its key makes that safe. */
const SECOND_TRY = 1000

/**
 * Sends the message. Where the browser has no promises, what is returned has a `then` alone, which takes two functions and
 * returns nothing: it asks the server once more, with the same key, under which of messages the first one has its id.
 */
export function publish (settings: Settings, channel: string, data: unknown, key: string): Promise<string> {
  const { env } = settings
  const start = (resolve: Settle<string>, reject: Settle<unknown>) => {
    // A cycle or a BigInt throws, a function is left out.
    if (attempt(() => JSON.stringify(data)) === undefined) return reject(invalid('data', 'a JSON value', data))
    const body = JSON.stringify({ channel, data, key })
    const post = (isLast: boolean) => {
      prepare(settings, 'publish', {}, (prepared) => {
        send(settings, prepared, body, (answer) => {
          const published = answer.status === 201 && parse(answer.responseText) as { id: string } | undefined
          if (published) resolve(published.id)
          else if (answer.status || isLast) reject(refusedBy(answer).error)
          else env.setTimeout(() => { post(true) }, env.Math.random() * SECOND_TRY)
        })
      }, ({ error }) => { reject(error) })
    }
    post(false)
  }
  if (env.Promise) return new env.Promise(start)
  start(() => {}, () => {})
  return { then: start } as unknown as Promise<string>
}
