// All that the client takes from its surroundings, in one object, so that a test can be the browser.

type Scope = Window & typeof globalThis

/** What a browser may or may not have. Nothing else in the client touches a global. */
export interface Env {
  EventSource?: typeof EventSource | undefined
  XMLHttpRequest?: typeof XMLHttpRequest | undefined
  fetch?: typeof fetch | undefined
  AbortController?: typeof AbortController | undefined
  TextDecoder?: typeof TextDecoder | undefined
  Promise?: PromiseConstructor | undefined
  SharedWorker?: typeof SharedWorker | undefined
  crypto?: Pick<Crypto, 'getRandomValues'> | undefined
  document?: Document | undefined
  /** Where `message`, `online`, `pageshow` and the like are heard. */
  events?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | undefined
  /** The network's own change events, in the browsers that have them. */
  network?: Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | undefined
  location?: { protocol: string, host: string } | undefined
  /** Reading a storage throws where it is forbidden: hence functions. */
  sessionStorage (): Storage | undefined
  localStorage (): Storage | undefined
  log (text: string): void
  /** ms since the epoch: the wall clock, since timers stand still in hidden tabs */
  now (): number
  /** 0 ≤ random < 1 */
  random (): number
  setTimeout (task: () => void, ms: number): unknown
  clearTimeout (timer: unknown): void
}

/** The browser (or worker) that this script runs in. */
export function browserEnv (): Env {
  const scope = (typeof window !== 'undefined' ? window : typeof self !== 'undefined' ? self : globalThis) as Scope
  const connection = (scope.navigator as { connection?: EventTarget } | undefined)?.connection
  return {
    EventSource: scope.EventSource,
    XMLHttpRequest: scope.XMLHttpRequest,
    fetch: typeof scope.fetch === 'function' ? function (input, init) { return scope.fetch(input, init) } : undefined,
    AbortController: scope.AbortController,
    TextDecoder: scope.TextDecoder,
    Promise: scope.Promise,
    SharedWorker: scope.SharedWorker,
    crypto: scope.crypto,
    document: scope.document,
    events: typeof scope.addEventListener === 'function' ? scope : undefined,
    network: connection?.addEventListener ? connection : undefined,
    location: scope.location,
    sessionStorage: function () { return scope.sessionStorage },
    localStorage: function () { return scope.localStorage },
    log: function (text) { scope.console?.log(text) },
    now: function () { return new Date().getTime() },
    random: Math.random,
    setTimeout: function (task, ms) { return scope.setTimeout(task, ms) },
    clearTimeout: function (timer) { scope.clearTimeout(timer as number) }
  }
}
