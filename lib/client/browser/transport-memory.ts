// Which transport worked, kept for the next page of the same tab. A browser may forbid it: then nothing is remembered.

import type { TransportName } from '../../protocol/wire.ts'
import { attempt, type Env } from './env.ts'
import type { Settings } from '../options.ts'

/** ms */
const LIFETIME = 30 * 60_000
const KEY = 'comet '

/** The transport that worked for this server within the last 30 minutes. */
export function recall ({ env, url }: Settings): TransportName | undefined {
  const [name, at] = attempt(() => (storageOf(env).getItem(KEY + url) as string).split(' ')) || []
  return env.Date.now() - Number(at) < LIFETIME ? name as TransportName : undefined
}

export function remember ({ env, url }: Settings, name: TransportName): void {
  attempt(() => { storageOf(env).setItem(KEY + url, name + ' ' + env.Date.now()) })
}

// Only pages have a tab. Node, that has a storage too, warns whoever looks at it.
function storageOf (env: Env): Storage {
  if (!env.document) throw new Error('There is no page')
  return env.sessionStorage as Storage
}
