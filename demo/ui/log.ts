import type { Line } from '../channels.ts'
import { make } from './dom.ts'

const MAX_LINES = 500

export interface Log {
  line (line: Line): void
  /** Says something between the lines, such as that some are missing. */
  note (text: string): void
}

/** The list of chat lines. It follows the newest line, unless the reader has scrolled up. */
export function makeLog (list: HTMLElement): Log {
  let follows = true
  list.addEventListener('scroll', () => { follows = list.scrollHeight - list.scrollTop - list.clientHeight < 40 })
  // A keyboard that opens on a telephone takes half of the list.
  new ResizeObserver(follow).observe(list)

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
    if (follows) list.scrollTop = list.scrollHeight
  }
}

function hueOf (name: string): number {
  let hash = 7
  for (const character of name) hash = (hash * 31 + (character.codePointAt(0) ?? 0)) % 360
  return hash
}
