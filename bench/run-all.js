import { cpus } from 'node:os'
import * as compress from './groups/compress.js'
import * as fanOut from './groups/fan-out.js'
import { idle, resume } from './groups/connections.js'
import * as idling from './groups/idle.js'
import * as longPoll from './groups/long-poll.js'
import * as publish from './groups/publish.js'
import { overlapping, own } from './groups/sets.js'
import * as slowReaders from './groups/slow-readers.js'
import { report } from './report.js'
import { rows } from './rows.js'
import { Samples } from './samples.js'

const groups = [fanOut, overlapping, own, longPoll, idle, resume, idling, publish, slowReaders, compress]

/** Runs the requested rows, and yields a report of everything measured so far after each group. */
export async function * runAll (settings) {
  const { quick, only } = settings
  const chosen = only === undefined ? rows : rows.filter(({ name }) => only.includes(name))
  if (chosen.length === 0) throw new Error(`there is no row ${only.join(' or ')}`)
  const samples = new Samples()
  const names = only === undefined ? undefined : new Set(chosen.flatMap(({ figure, over }) => [figure, ...over]))
  for (const group of groups) {
    const measures = group.measures.filter((name) => chosen.some(({ measure }) => measure === name))
    if (measures.length === 0) continue
    process.stderr.write(`${measures.join(', ')} …\n`)
    const wanted = { measure: (name) => measures.includes(name), contender: (name) => names?.has(name) ?? true }
    await group.run({ ...settings, wanted }, samples)
    yield { ...report(samples), machine: { cpu: cpus()[0].model, cores: cpus().length, node: process.version }, quick }
  }
}
