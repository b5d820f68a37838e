import { readFile, writeFile } from 'node:fs/promises'
import { decode, encode } from '@jridgewell/sourcemap-codec'

/** Leaves of a source map what a stack trace shows, the line of the source: a quarter of its size. */
export async function keepLines (file) {
  const { names, ...map } = JSON.parse(await readFile(file, 'utf8'))
  const mappings = encode(decode(map.mappings).map((segments) => segments.slice(0, 1).map(withoutName)))
  await writeFile(file, JSON.stringify({ ...map, names: [], mappings }))
}

/** As `keepLines`, for a minified file, whose lines hold many lines of the source: one segment for each of those. */
export function keepSourceLines (map) {
  const lines = decode(map.mappings).map((segments) => segments.map(withoutName).filter((segment, at, all) => {
    const [, source, line] = all[at - 1] ?? []
    return at === 0 || segment[1] !== source || segment[2] !== line
  }))
  return { ...map, sourcesContent: undefined, names: [], mappings: encode(lines) }
}

/** The map of a file made in two steps: `second` leads to the output of the first, `first` to its sources. */
export function chain (first, second) {
  const lines = decode(first.mappings)
  const mappings = decode(second.mappings).map((segments) => segments.flatMap(([column, , line, sourceColumn]) => {
    const origin = line === undefined ? undefined : segmentAt(lines[line] ?? [], sourceColumn)
    return origin?.length > 1 ? [[column, ...origin.slice(1, 4)]] : []
  }))
  return { ...first, names: [], mappings: encode(mappings) }
}

/** The map of a text that was moved down by this number of lines. */
export function moveDown (map, lines) {
  return { ...map, mappings: ';'.repeat(lines) + map.mappings }
}

/** The last segment that begins at the column or before it. */
function segmentAt (segments, column) {
  return segments.findLast(([start]) => start <= column)
}

function withoutName (segment) {
  return segment.slice(0, 4)
}
