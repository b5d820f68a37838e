// A line chart as SVG: x is logarithmic, y starts at 0 or is logarithmic, lines are labelled at their ends.
const WIDTH = 640
const HEIGHT = 360
const FRAME = { left: 64, right: 150, top: 48, bottom: 52 }
const COLOURS = ['#0b6bcb', '#b35c00', '#2f7d32', '#8a3ffc']

/** `series`: `{ name, points: [[x, y, low, high]] }`; the spread from low to high is drawn as a bar at each point. */
export function chart ({ title, x, y, series, logarithmic = false }) {
  const points = series.flatMap((line) => line.points)
  const across = scale(points.map(([value]) => value), FRAME.left, WIDTH - FRAME.right, true)
  const heights = points.flatMap(([, value, low = value, high = value]) => [low, high])
  const up = scale(logarithmic ? heights : [0, ...heights], HEIGHT - FRAME.bottom, FRAME.top, logarithmic)
  const size = `viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}"`
  const middle = (FRAME.left + WIDTH - FRAME.right) / 2
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img" font-family="system-ui, sans-serif" font-size="12">
<title>${escape(title)}</title>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${FRAME.left}" y="24" font-size="15" font-weight="600" fill="#1a1a1a">${escape(title)}</text>
${grid(up, across, points)}
${series.map((line, index) => drawn(line, COLOURS[index], across, up)).join('\n')}
${labels(series, up)}
<text x="${middle}" y="${HEIGHT - 12}" text-anchor="middle" fill="#555">${escape(x)}</text>
<text transform="translate(16 ${HEIGHT / 2}) rotate(-90)" text-anchor="middle" fill="#555">${escape(y)}</text>
</svg>
`
}

function scale (values, from, to, logarithmic) {
  const bend = logarithmic ? Math.log10 : (value) => value
  const lowest = bend(Math.min(...values))
  const highest = bend(Math.max(...values) * (logarithmic ? 1 : 1.05))
  const at = (value) => Number((from + (bend(value) - lowest) / (highest - lowest || 1) * (to - from)).toFixed(1))
  return { at, ticks: logarithmic ? decades(10 ** lowest, 10 ** highest) : steps(highest) }
}

function decades (lowest, highest) {
  const ticks = []
  for (let decade = 10 ** Math.floor(Math.log10(lowest)); decade <= highest * 1.001; decade *= 10) {
    ticks.push(...[1, 2, 5].map((factor) => factor * decade))
  }
  return ticks.filter((tick) => tick >= lowest * 0.999 && tick <= highest * 1.001)
}

function steps (highest) {
  const magnitude = 10 ** Math.floor(Math.log10(highest))
  const step = [0.2, 0.5, 1, 2].map((factor) => factor * magnitude).find((step) => highest / step <= 6)
  return Array.from({ length: Math.floor(highest / step) + 1 }, (_, index) => index * step)
}

function grid (up, across, points) {
  const lines = up.ticks.map((tick) => {
    const y = up.at(tick)
    return `<line x1="${FRAME.left}" x2="${WIDTH - FRAME.right}" y1="${y}" y2="${y}" stroke="#e3e3e3"/>` +
      `<text x="${FRAME.left - 8}" y="${y + 4}" text-anchor="end" fill="#555">${short(tick)}</text>`
  })
  const bottom = HEIGHT - FRAME.bottom + 18
  const marks = [...new Set(points.map(([value]) => value))].map((value) =>
    `<text x="${across.at(value)}" y="${bottom}" text-anchor="middle" fill="#555">${short(value)}</text>`)
  return [...lines, ...marks].join('\n')
}

function drawn ({ points }, colour, across, up) {
  const path = points.map(([x, y]) => `${across.at(x)},${up.at(y)}`).join(' ')
  const dots = points.map(([x, y, low = y, high = y]) =>
    `<line x1="${across.at(x)}" x2="${across.at(x)}" y1="${up.at(low)}" y2="${up.at(high)}"/>` +
    `<circle cx="${across.at(x)}" cy="${up.at(y)}" r="3" fill="${colour}"/>`)
  return `<g stroke="${colour}" stroke-width="1.5" fill="none"><polyline points="${path}"/>${dots.join('')}</g>`
}

// Labels stand at the end of each line, moved apart where they would overlap.
function labels (series, up) {
  const places = series
    .map(({ name, points }, index) => ({ name, colour: COLOURS[index], y: up.at(points.at(-1)[1]) }))
    .sort((a, b) => a.y - b.y)
  places.forEach((place, index) => { place.y = Math.max(place.y, (places[index - 1]?.y ?? 0) + 16) })
  const x = WIDTH - FRAME.right + 10
  return places
    .map(({ name, colour, y }) => `<text x="${x}" y="${(y + 4).toFixed(1)}" fill="${colour}">${escape(name)}</text>`)
    .join('\n')
}

function short (value) {
  return value >= 1000 ? `${Number((value / 1000).toPrecision(3))}k` : String(Number(value.toPrecision(3)))
}

function escape (text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
