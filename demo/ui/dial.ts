const SVG = 'http://www.w3.org/2000/svg'
const SECONDS = 60

export interface Dial {
  /** Lights the mark of this second of the minute. Marks of seconds that did not arrive stay dark. */
  mark (second: number): void
}

/** Draws sixty marks into the SVG. Each lights when its second arrives; the first second of a minute clears them. */
export function makeDial (svg: Element): Dial {
  const marks = Array.from({ length: SECONDS }, (_, second) => svg.appendChild(makeMark(second)))
  let latest = -1

  return {
    mark (second) {
      if (second < latest) marks.forEach((mark) => mark.removeAttribute('class'))
      marks[latest]?.setAttribute('class', 'seen')
      marks[second]?.setAttribute('class', 'seen now')
      latest = second
    }
  }
}

function makeMark (second: number): Element {
  const mark = document.createElementNS(SVG, 'line')
  const long = second % 5 === 0
  const transform = `rotate(${second * 360 / SECONDS})`
  const place = { x1: '0', x2: '0', y1: '-96', y2: long ? '-84' : '-89', transform }
  for (const [name, value] of Object.entries(place)) mark.setAttribute(name, value)
  return mark
}
