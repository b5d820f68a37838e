// Publishing from the page: one POST, the message's id in return.

import { refusedBy } from './end.ts'
import { attempt, type Env } from './env.ts'
import { invalid } from './errors.ts'
import type { Settings } from './options.ts'
import { prepare, send } from './request.ts'
import { parse } from './wire.ts'

type Settle<T> = (value: T) => void

/** ms within which a request that was not answered is sent once more: its key makes that safe. */
const SECOND_TRY = 1000

/** Sends the message. Where the browser has no promises, what is returned has a `then` alone, that returns nothing. */
export function publish (settings: Settings, channel: string, data: unknown, key: string): Promise<string> {
  const { env } = settings
  const start = (resolve: Settle<string>, reject: Settle<unknown>) => {
    // A cycle or a BigInt throws, a function is left out.
    if (attempt(() => JSON.stringify(data)) === undefined) return reject(invalid('data', 'a JSON value', data))
    const body = JSON.stringify({ channel, data, key })
    const post = (isLast: boolean) => {
      prepare(settings, 'publish', {}, (prepared) => {
        prepared.headers['Content-Type'] = 'application/json'
        send(settings, prepared, body, (answer) => {
          const published = answer.status === 201 && parse(answer.text) as { id: string } | undefined
          if (published) resolve(published.id)
          else if (answer.status || isLast) reject(refusedBy(settings, answer).error)
          else env.setTimeout(() => { post(true) }, env.Math.random() * SECOND_TRY)
        })
      }, ({ error }) => { reject(error) })
    }
    post(false)
  }
  return env.Promise ? new env.Promise(start) : thenable(env, start)
}

/** `then` is to be called in the same task. */
function thenable<T> (env: Env, start: (resolve: Settle<T>, reject: Settle<unknown>) => void): Promise<T> {
  const waiting: (Settle<unknown> | undefined)[][] = []
  const tell = (index: number) => (value: unknown) => {
    waiting.forEach((listeners) => {
      const listener = listeners[index]
      if (listener) listener(value)
    })
  }
  env.setTimeout(() => { start(tell(0), tell(1)) }, 0)
  const then = (done?: Settle<unknown>, failed?: Settle<unknown>) => { waiting.push([done, failed]) }
  return { then } as unknown as Promise<T>
}
