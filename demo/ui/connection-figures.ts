import type { Comet } from 'fastify-comet/client'
import { find, show } from './dom.ts'
import { watchRequests } from './requests.ts'

/** Counts the messages of a page's connection. */
export interface ConnectionFigures {
  /** Counts a message. */
  message (): void
}

/** Keeps the page's `[data-figure=…]` elements up to date: state, transport, messages, requests, reconnects, gaps. */
export function showConnectionFigures (comet: Comet, prefix: string): ConnectionFigures {
  const counts = { messages: 0, requests: 0, reconnects: -1, gaps: 0 }

  comet.on('state', () => {
    if (comet.state === 'open') counts.reconnects++
    paint()
  })
  comet.on('transport', paint)
  comet.on('gap', () => { counts.gaps++; paint() })
  watchRequests(prefix, () => { counts.requests++; paint() })
  paint()

  return { message: () => { counts.messages++; paint() } }

  function paint (): void {
    const { state, transport } = comet
    document.documentElement.dataset.connection = state
    figure('state', state)
    figure('transport', transport ?? 'none')
    figure('messages', counts.messages)
    // The browser lists a request only when it has ended, so the open one is added.
    figure('requests', counts.requests + Number(state === 'open' || state === 'connecting'))
    figure('reconnects', Math.max(0, counts.reconnects))
    figure('gaps', counts.gaps)
  }
}

function figure (name: string, value: string | number): void {
  show(find(`[data-figure=${name}]`), String(value))
}
