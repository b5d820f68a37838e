import type { Line } from '../channels.ts'
import { find, make } from './dom.ts'

const MAX_LINES = 500

export interface Log {
  line (line: Line): void
  /** Says something between the lines, such as that some are missing. */
  note (text: string): void
}

/** The list of chat lines in a box that scrolls. It follows the newest line, unless the reader has scrolled up. */
export function makeLog (box: HTMLElement): Log {
  const list = find('ol', box)
  let follows = true
  box.addEventListener('scroll', () => { follows = box.scrollHeight - box.scrollTop - box.clientHeight < 40 })
  // A keyboard that opens on a telephone takes half of the box.
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
