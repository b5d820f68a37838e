import type { TransportName } from 'fastify-comet/client'

export type Choice = TransportName | 'auto'

const CHOICES: readonly string[] = ['auto', 'eventsource', 'long-poll', 'iframe']

/** The transport in the page's URL: `?transport=iframe|long-poll|eventsource|auto`. Default: `auto`. */
export function chosenTransport (): Choice {
  const choice = new URLSearchParams(location.search).get('transport')
  return isChoice(choice) ? choice : 'auto'
}

/** The client's options for a choice: only that transport, or the client's own order. */
export function transportOptions (choice: Choice): { transports?: TransportName[] } {
  return choice === 'auto' ? {} : { transports: [choice] }
}

/** Marks the chosen transport in the page's switch. */
export function markSwitch (choice: Choice): void {
  document.documentElement.dataset.chosen = choice
  for (const link of document.querySelectorAll<HTMLElement>('[data-choice]')) {
    if (link.dataset.choice === choice) link.setAttribute('aria-current', 'true')
  }
}

function isChoice (value: string | null): value is Choice {
  return value !== null && CHOICES.includes(value)
}
