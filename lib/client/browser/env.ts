// All that the client takes from its surroundings: the global object, so that a test can be the browser.

/** Not in all browsers. */
export interface WithNetwork {
  readonly connection?: EventTarget
}

type Global = Window & typeof globalThis
type Needed = 'setTimeout' | 'clearTimeout' | 'Math' | 'Date'
type Optional = 'EventSource' | 'XMLHttpRequest' | 'fetch' | 'Headers' | 'AbortController' | 'TextDecoder' | 'ReadableStream' | 'URL' | 'Promise' | 'SharedWorker' | 'crypto' |
  'document' | 'location' | 'navigator' | 'sessionStorage' | 'localStorage' | 'console' | 'addEventListener' | 'removeEventListener'

/** What a browser (or worker) has, and what it may lack. Nothing else in the client touches a global. */
export type Env = Pick<Global, Needed> & { [K in Optional]?: Global[K] | undefined }

/** The browser (or worker) that this script runs in. */
export function browserEnv (): Env {
  return typeof self !== 'undefined' ? self as Global : globalThis as unknown as Global
}

/** What it returns, or undefined where it throws: storages do so in private windows, and where they are full. */
export function attempt<T> (read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    return undefined
  }
}
