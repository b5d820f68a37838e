import type { TransportName } from 'fastify-comet/client'

export type Choice = TransportName | 'auto'

const CHOICES: readonly string[] = ['auto', 'eventsource', 'long-poll', 'iframe']

/** The transport that the page's address asks for: `?transport=iframe|long-poll|eventsource|auto`. */
export function chosenTransport (): Choice {
  const asked = new URLSearchParams(location.search).get('transport')
  return isChoice(asked) ? asked : 'auto'
}

/** The client's options for a choice: one transport alone, or the client's own order. */
export function transportOptions (choice: Choice): { transports?: TransportName[] } {
  return choice === 'auto' ? {} : { transports: [choice] }
}

/** Marks the link of the choice in the page's switch. */
export function markSwitch (choice: Choice): void {
  document.documentElement.dataset.chosen = choice
  for (const link of document.querySelectorAll<HTMLElement>('[data-choice]')) {
    if (link.dataset.choice === choice) link.setAttribute('aria-current', 'true')
  }
}

function isChoice (value: string | null): value is Choice {
  return value !== null && CHOICES.includes(value)
}
