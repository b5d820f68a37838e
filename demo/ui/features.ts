import { Comet } from 'fastify-comet/client'
import { make } from './dom.ts'

/** Fills the table of features that the client checks: whether this browser has them, and the consequence. */
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
    ['Frames that can post', iframe, 'the stream where EventSource is missing', 'EventSource is the only stream'],
    ['Requests', polls, 'long-poll: works wherever a page does', 'no fallback where streams are blocked'],
    ['SharedWorker', 'SharedWorker' in globalThis, 'tabs can share one connection', 'each tab has its own connection'],
    ['Storage', hasStorage(), 'a reload starts with what worked before', 'each page has to find out again']
  ]
}

function hasStorage (): boolean {
  try {
    return sessionStorage.length >= 0
  } catch {
    // Private modes throw on any access to storage.
    return false
  }
}
