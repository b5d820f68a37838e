// The page's own life: it is hidden, frozen, kept aside for the back button, cut off from the network, and returns.

import type { Env, WithNetwork } from './env.ts'

/** `silence`: the page can be seen again, its timers may have stood still. */
export type Turn = 'wake' | 'offline' | 'hide' | 'silence'

const TURNS: Record<string, Turn> = {
  online: 'wake',
  // The connection's kind
  change: 'wake',
  offline: 'offline',
  // A page in the bfcache would hold on to one of the six connections that its origin has, and in WebKit its
  // stream is dead on return without a word.
  pagehide: 'hide',
  pageshow: 'wake',
  // It bubbles up from the document.
  visibilitychange: 'silence'
}

/** Watches until the function returned is called. */
export function watchLifecycle (env: Env, turn: (turn: Turn) => void): () => void {
  const network = env.navigator && (env.navigator as WithNetwork).connection
  const listener = (event: Event) => {
    // The first `pageshow` of a page is no return.
    if (event.type !== 'pageshow' || (event as PageTransitionEvent).persisted) turn(TURNS[event.type] as Turn)
  }
  const forAll = (method: 'addEventListener' | 'removeEventListener') => {
    Object.keys(TURNS).forEach((type) => {
      const target = (type === 'change' ? network : env) as EventTarget | undefined
      if (target && target[method]) target[method](type, listener)
    })
  }
  forAll('addEventListener')
  return () => { forAll('removeEventListener') }
}
