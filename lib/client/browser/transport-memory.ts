// Which transport worked, kept for the next page of the same tab. If the browser forbids it, nothing is remembered.

import type { TransportName } from '../../protocol/wire.ts'
import { attempt, type Env } from './env.ts'

/** A browser, and the server that the transport is for. */
interface Place {
  readonly env: Env
  readonly url: string
}

/** How long a transport is remembered, in ms. */
const LIFETIME = 30 * 60_000
const KEY = 'comet '

/** The transport that worked for this server within the last 30 minutes. */
export function recall ({ env, url }: Place): TransportName | undefined {
  const [name, at] = attempt(() => (storageOf(env).getItem(KEY + url) as string).split(' ')) || []
  return env.Date.now() - Number(at) < LIFETIME ? name as TransportName : undefined
}

/** Keeps the transport that works for this server. */
export function remember ({ env, url }: Place, name: TransportName): void {
  attempt(() => { storageOf(env).setItem(KEY + url, name + ' ' + env.Date.now()) })
}

// Only a page belongs to a tab, and without one there is nothing to call, as where the storage is forbidden. Node has a
// storage too, and prints a warning when it is used.
function storageOf (env: Env): Storage {
  return (env.document && env.sessionStorage) as Storage
}
