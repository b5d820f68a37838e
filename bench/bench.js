// Runs the measurements, prints one table and writes results.json. See the usage below.
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { cpus } from 'node:os'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { openFiles } from './process.js'
import { rows } from './rows.js'

const USAGE = `npm run bench -- [options]
  --quick         under two minutes: short runs, 1000 connections instead of 10,000
  --only <row>    only that row (repeatable)
  --profile <of>  writes a CPU profile of that server of the plugin to build/bench/profiles/
  --plots         draws the plots of docs/PERFORMANCE.md instead of the table
  --logs          compares logs over Redis and NATS with bare loops over the same clients, instead of the table
  --list          lists the names of the rows`

const RESULTS = new URL('results.json', import.meta.url)

const { values: given } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    profile: { type: 'string' },
    plots: { type: 'boolean', default: false },
    logs: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false }
  }
})

if (given.help) console.log(USAGE)
else if (given.list) console.log(rows.map(({ name, work }) => `${name.padEnd(16)}${work}`).join('\n'))
else await measure()

async function measure () {
  installPeers()
  // Servers run on the first core, the clients, which are this process, on the last one.
  spawnSync('taskset', ['--all-tasks', '--cpu-list', '--pid', String(cpus().length - 1), String(process.pid)])
  const { bundle } = await import('./bundle.js')
  await bundle()
  const started = performance.now()
  if (given.plots) await (await import('./plots.js')).plots(settings())
  else if (given.logs) await (await import('./logs.js')).logs(settings())
  else await printTable()
  console.log(`\n${Math.round((performance.now() - started) / 1000)} s`)
}

async function printTable () {
  const { runAll } = await import('./run-all.js')
  const { asText } = await import('./report.js')
  let text = ''
  for await (const results of runAll(settings())) {
    text = asText(results)
    if (given.only === undefined) await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`)
  }
  console.log(text)
}

function settings () {
  const size = given.quick
    ? { runs: 5, budget: 60, latencyTime: 400, many: 1000, settle: 100, floods: 2 }
    : { runs: 5, budget: 400, latencyTime: 2000, many: mostConnections(), settle: 300, floods: 20 }
  return { ...size, quick: given.quick, only: given.only, profile }
}

/** As many connections as the limit on open files allows two servers' clients in this process, at most 10,000. */
function mostConnections () {
  return Math.min(10_000, Math.floor((openFiles() - 500) / 2))
}

/** Node's arguments for the server of that name. */
function profile (name) {
  if (name !== given.profile) return []
  const folder = fileURLToPath(new URL('../build/bench/profiles', import.meta.url))
  mkdirSync(folder, { recursive: true })
  return ['--cpu-prof', `--cpu-prof-dir=${folder}`, `--cpu-prof-name=${name.replaceAll(' ', '-')}.cpuprofile`]
}

function installPeers () {
  const folder = fileURLToPath(new URL('.', import.meta.url))
  if (existsSync(`${folder}node_modules/fastify`)) return
  const { status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: folder, stdio: 'inherit' })
  if (status !== 0) throw new Error('npm could not install the libraries to compare with')
}
