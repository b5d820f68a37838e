// The page's own life: it is hidden, frozen, kept aside for the back button, cut off from the network, and returns.

import type { Env } from './env.ts'

export interface LifecycleHandlers {
  online (): void
  offline (): void
  /** The page can be seen again: its timers may have stood still. */
  visible (): void
  hide (): void
  /** Back from the bfcache, without its connections. */
  show (): void
}

/** Watches until the function returned is called. */
export function watchLifecycle (env: Env, handlers: LifecycleHandlers): () => void {
  const stops: (() => void)[] = []
  listen(env.events, 'online', handlers.online)
  listen(env.events, 'offline', handlers.offline)
  listen(env.network, 'change', handlers.online)
  // A page in the bfcache would hold on to one of the six connections that its origin has, and in WebKit its
  // stream is dead on return without a word.
  listen(env.events, 'pagehide', handlers.hide)
  listen(env.events, 'pageshow', function (event) { if ((event as PageTransitionEvent).persisted) handlers.show() })
  listen(env.document, 'visibilitychange', function () { if (!env.document?.hidden) handlers.visible() })
  listen(env.document, 'resume', handlers.visible)
  return function () { stops.forEach(function (stop) { stop() }) }

  function listen (target: Env['events'], type: string, listener: (event: Event) => void) {
    if (!target) return
    target.addEventListener(type, listener)
    stops.push(function () { target.removeEventListener(type, listener) })
  }
}
