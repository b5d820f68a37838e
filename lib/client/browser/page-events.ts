// What happens to the page: it is hidden, frozen, kept for the back button, cut off from the network, and returns.

import type { Env, WithNetwork } from './env.ts'

/**
 * `wake`: the page or the network is back. `offline`: the network is gone. `hide`: the page is left and may return.
 * `silence`: the page has become visible or hidden, and its timers may have stood still.
 */
export type PageEvent = 'wake' | 'offline' | 'hide' | 'silence'

const EVENTS_OF_TYPE: Record<string, PageEvent> = {
  online: 'wake',
  // Of the network: it is of another kind.
  change: 'wake',
  offline: 'offline',
  // A page in the bfcache would keep one of the six connections of its origin, and in WebKit its stream is dead on
  // return without any event.
  pagehide: 'hide',
  pageshow: 'wake',
  // It bubbles up from the document.
  visibilitychange: 'silence'
}

/** Calls `onEvent` for each page event, until the function returned is called. */
export function watchPage (env: Env, onEvent: (event: PageEvent) => void): () => void {
  const network = env.navigator && (env.navigator as WithNetwork).connection
  const listener = (event: Event) => {
    // A page that is shown for the first time does not return.
    if (event.type === 'pageshow' && !(event as PageTransitionEvent).persisted) return
    onEvent(EVENTS_OF_TYPE[event.type] as PageEvent)
  }
  const forAll = (method: 'addEventListener' | 'removeEventListener') => {
    Object.keys(EVENTS_OF_TYPE).forEach((type) => {
      const target = (type === 'change' ? network : env) as EventTarget | undefined
      if (target && target[method]) target[method](type, listener)
    })
  }
  forAll('addEventListener')
  return () => { forAll('removeEventListener') }
}
