import { Comet } from 'fastify-comet/client'
import { make } from './dom.ts'

/** Fills the table: each feature that the client looks for, whether this browser has it, and what follows. */
export function showFeatures (body: HTMLElement): void {
  for (const [feature, found, yes, no] of features()) {
    body.append(make('tr', {},
      make('th', { scope: 'row' }, feature),
      make('td', { class: found ? 'found' : 'absent' }, found ? 'found' : 'not found'),
      make('td', {}, found ? yes : no)))
  }
}

function features (): [feature: string, found: boolean, yes: string, no: string][] {
  const { eventsource, iframe, 'long-poll': polls } = Comet.detect()
  return [
    ['EventSource', eventsource, 'the first choice: one stream, parsed by the browser', 'the iframe streams instead'],
    ['Frames that can post', iframe, 'the stream for where EventSource is missing', 'no stream but EventSource'],
    ['Requests', polls, 'long-poll: works wherever a page does', 'no way back when streams are held'],
    ['SharedWorker', 'SharedWorker' in globalThis, 'tabs can share one connection', 'each tab has its own connection'],
    ['Storage', hasStorage(), 'a reload starts with what worked before', 'each page finds out anew']
  ]
}

function hasStorage (): boolean {
  try {
    return sessionStorage.length >= 0
  } catch {
    // Private modes throw when storage is only looked at.
    return false
  }
}
