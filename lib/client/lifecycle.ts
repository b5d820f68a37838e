// The page's own life: it is hidden, frozen, kept aside for the back button, cut off from the network, and returns.

import type { Env } from './env.ts'

export interface LifecycleHandlers {
  /** Back from the bfcache without its connections, or back on the network. */
  wake (): void
  offline (): void
  /** The page can be seen again: its timers may have stood still. */
  visible (): void
  hide (): void
}

type Target = Pick<EventTarget, 'addEventListener' | 'removeEventListener'> | undefined

/** Watches until the function returned is called. */
export function watchLifecycle (env: Env, handlers: LifecycleHandlers): () => void {
  const undos: (() => void)[] = []
  const page = env as Target
  const network = (env.navigator as { connection?: EventTarget } | undefined)?.connection
  const visible = () => { if (!env.document?.hidden) handlers.visible() }
  listen(page, 'online', handlers.wake)
  listen(network, 'change', handlers.wake)
  listen(page, 'offline', handlers.offline)
  // A page in the bfcache would hold on to one of the six connections that its origin has, and in WebKit its
  // stream is dead on return without a word.
  listen(page, 'pagehide', handlers.hide)
  listen(page, 'pageshow', (event) => { if ((event as PageTransitionEvent).persisted) handlers.wake() })
  listen(env.document, 'visibilitychange', visible)
  listen(env.document, 'resume', visible)
  return () => { undos.forEach((undo) => { undo() }) }

  function listen (target: Target, type: string, listener: (event: Event) => void) {
    if (!target || !target.addEventListener) return
    target.addEventListener(type, listener)
    undos.push(() => { target.removeEventListener(type, listener) })
  }
}
