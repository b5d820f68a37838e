import type { Comet } from 'fastify-comet/client'
import { make } from './dom.ts'

const MAX_EVENTS = 6
const SECONDS = 60

const REASONS = {
  start: 'the first one to deliver',
  fallback: 'fallback: the better one delivers nothing',
  upgrade: 'upgrade: the better one delivers again'
}

const time = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' })

export interface Timeline {
  /** Adds the second that has just passed to the strip. Call it once per second. */
  second (): void
}

/** Shows the client's transports: a strip with that of each of the last 60 seconds, and the changes with reasons. */
export function makeTimeline (comet: Comet, strip: HTMLElement, list: HTMLElement): Timeline {
  const cells = Array.from({ length: SECONDS }, () => strip.appendChild(document.createElement('i')))
  const past = new Array<string>(SECONDS).fill('')

  comet.on('transport', ({ from, to, reason }) => {
    list.querySelector('.none')?.remove()
    const change = make('b', {}, from === null ? to : `${from} → ${to}`)
    list.prepend(make('li', {}, make('time', {}, time.format(Date.now())), change, make('span', {}, REASONS[reason])))
    while (list.childElementCount > MAX_EVENTS) list.lastElementChild?.remove()
  })

  return {
    second () {
      past.shift()
      past.push(comet.state === 'open' ? comet.transport ?? '' : 'away')
      cells.forEach((cell, i) => { if (cell.dataset.was !== past[i]) cell.dataset.was = past[i] ?? '' })
    }
  }
}
