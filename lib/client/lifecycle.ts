// The page's own life: it is hidden, frozen, kept aside for the back button, cut off from the network, and returns.

import type { Env } from './env.ts'

/** `silence`: the page can be seen again, its timers may have stood still. */
export type Turn = 'wake' | 'offline' | 'hide' | 'silence'

type Target = Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | undefined

/** Watches until the function returned is called. */
export function watchLifecycle (env: Env, turn: (turn: Turn) => void): () => void {
  const undos: (() => void)[] = []
  const page = env as Target
  const network = (env.navigator as { connection?: Target } | undefined)?.connection
  listen(page, 'online', 'wake')
  listen(network, 'change', 'wake')
  listen(page, 'offline', 'offline')
  // A page in the bfcache would hold on to one of the six connections that its origin has, and in WebKit its
  // stream is dead on return without a word.
  listen(page, 'pagehide', 'hide')
  listen(page, 'pageshow', 'wake')
  listen(env.document, 'visibilitychange', 'silence')
  listen(env.document, 'resume', 'silence')
  return () => { undos.forEach((undo) => { undo() }) }

  function listen (target: Target, type: string, what: Turn) {
    const listener = (event: Event) => {
      // The first `pageshow` of a page is no return.
      if (type !== 'pageshow' || (event as PageTransitionEvent).persisted) turn(what)
    }
    if (!target || !target.addEventListener) return
    target.addEventListener(type, listener)
    undos.push(() => { target.removeEventListener(type, listener) })
  }
}
