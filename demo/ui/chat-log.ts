import type { ChatLine } from '../channels.ts'
import { find, make } from './dom.ts'

const MAX_LINES = 500

export interface ChatLog {
  line (line: ChatLine): void
  /** Adds a note between the lines, for example that some are missing. */
  note (text: string): void
}

/** The list of chat lines in a scrolling box. It follows the newest line unless the reader has scrolled up. */
export function makeChatLog (box: HTMLElement): ChatLog {
  const list = find('ol', box)
  let follows = true
  box.addEventListener('scroll', () => { follows = box.scrollHeight - box.scrollTop - box.clientHeight < 40 })
  // The on-screen keyboard of a phone covers half of the box.
  new ResizeObserver(follow).observe(box)

  return {
    line ({ from, text }) {
      const name = make('b', { class: 'from' }, from)
      name.style.setProperty('--hue', String(hueOf(from)))
      add(make('li', { 'data-line': '' }, name, ' ', make('span', { class: 'text' }, text)))
    },
    note (text) {
      add(make('li', { class: 'note' }, text))
    }
  }

  function add (item: HTMLElement): void {
    list.append(item)
    while (list.childElementCount > MAX_LINES) list.firstElementChild?.remove()
    follow()
  }

  function follow (): void {
    if (follows) box.scrollTop = box.scrollHeight
  }
}

function hueOf (name: string): number {
  let hash = 7
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360
  return hash
}
