// What the client uses of its environment: the global object, or what a test gives it instead.

/** The Network Information API, which not all browsers have. */
export interface WithNetwork {
  readonly connection?: EventTarget
}

type Global = Window & typeof globalThis
type Needed = 'setTimeout' | 'clearTimeout' | 'Math' | 'Date'
type Optional = 'EventSource' | 'XMLHttpRequest' | 'fetch' | 'Headers' | 'AbortController' | 'TextDecoder' |
  'ReadableStream' | 'URL' | 'Promise' | 'SharedWorker' | 'crypto' | 'document' | 'location' | 'navigator' |
  'sessionStorage' | 'localStorage' | 'console' | 'addEventListener' | 'removeEventListener'

/** What a browser or worker has, and what it may lack. Nothing in the client uses a global in any other way. */
export type Env = Pick<Global, Needed> & { [K in Optional]?: Global[K] | undefined }

/** The environment that this script runs in: a page, a worker or a process. */
export function browserEnv (): Env {
  return typeof self !== 'undefined' ? self as Global : globalThis as unknown as Global
}

/** What `read` returns, or undefined if it throws: a storage does so in private windows, and when it is full. */
export function attempt<T> (read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    return undefined
  }
}
