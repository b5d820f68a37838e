// Publishing from the page: one POST, the message's id in return.

import { invalid } from './errors.ts'
import type { Settings } from './options.ts'
import { prepare, send } from './request.ts'
import { parse, refusedBy } from './transports/transport.ts'

type Settle<T> = (value: T) => void

/** Sends the message. Where the browser has no promises, what is returned has a `then` alone, that returns nothing. */
export function publish (settings: Settings, channel: string, data: unknown, key: string | undefined): Promise<string> {
  const body = JSON.stringify({ channel, data, key })
  const start = (resolve: Settle<string>, reject: Settle<unknown>) => {
    if (JSON.stringify(data) === undefined) return reject(invalid('data', 'a JSON value', data))
    prepare(settings, 'publish', {}, (prepared) => {
      prepared.headers['Content-Type'] = 'application/json'
      send(settings, prepared, body, (answer) => {
        const published = answer.status === 201 && parse(answer.text) as { id: string } | undefined
        if (published) resolve(published.id)
        else reject(refusedBy(settings, answer).error)
      })
    }, reject)
  }
  const { env } = settings
  return env.Promise ? new env.Promise(start) : thenable(start)
}

function thenable<T> (start: (resolve: Settle<T>, reject: Settle<unknown>) => void): Promise<T> {
  let outcome: [isFailure: boolean, value: unknown] | null = null
  const waiting: (() => void)[] = []
  const settle = (isFailure: boolean) => (value: unknown) => {
    outcome = [isFailure, value]
    waiting.forEach((tell) => { tell() })
  }
  start(settle(false), settle(true))
  const then = (done?: Settle<unknown>, failed?: Settle<unknown>) => {
    const tell = () => {
      const listener = outcome && outcome[0] ? failed : done
      if (outcome && listener) listener(outcome[1])
    }
    if (outcome) tell()
    else waiting.push(tell)
  }
  return { then } as unknown as Promise<T>
}
