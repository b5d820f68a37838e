import type { Comet } from 'fastify-comet/client'
import { find, show } from './dom.ts'
import { watchRequests } from './requests.ts'

/** What a page counts of its connection, in this browser. */
export interface Facts {
  /** Call it with each message. */
  message (): void
}

/** Keeps the page's `[data-figure=…]` true: state, transport, messages, requests, reconnects and gaps. */
export function showFacts (comet: Comet, prefix: string): Facts {
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
    // The request that is open now is not in the browser's list before it ends.
    figure('requests', counts.requests + Number(state === 'open' || state === 'connecting'))
    figure('reconnects', Math.max(0, counts.reconnects))
    figure('gaps', counts.gaps)
  }
}

function figure (name: string, value: string | number): void {
  show(find(`[data-figure=${name}]`), String(value))
}
