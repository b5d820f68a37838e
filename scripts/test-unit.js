// Runs test/unit/, which needs no build, no browser and no broker: `npm run test:unit`, or with the files to run. One
// process for each core, many files in each: a process for each file, as tap has it, would take three times as long.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { allTests } from './server-tests.js'

process.chdir(fileURLToPath(new URL('../', import.meta.url)))

const given = process.argv.slice(2)
const files = given.length > 0 ? given : allTests().filter((file) => file.startsWith('test/unit/'))
const count = Math.min(availableParallelism(), files.length)
const start = performance.now()
// The next file goes to the next process: neighbours are alike, also in what they take.
const runs = await Promise.all(Array.from({ length: count }, (_, i) =>
  run(files.filter((_, index) => index % count === i))))

const all = runs.flatMap(({ results }) => results)
const failed = runs.filter(({ code }) => code !== 0)
for (const { time, file } of all.sort((a, b) => b.time - a.time).slice(0, 3)) {
  console.log(`${(time / 1000).toFixed(1)} s ${file}`)
}
const passed = all.filter(({ ok }) => ok).length
console.log(`${passed} of ${files.length} files passed in ${((performance.now() - start) / 1000).toFixed(1)} s`)
process.exitCode = failed.length > 0 || all.length < files.length ? 1 : 0

/** Prints what failed, as TAP. Resolves to the exit code and what became of each file. */
async function run (files) {
  const child = spawn(process.execPath, ['--import=./scripts/typescript.js', 'scripts/test-unit-worker.js', ...files], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, TAP_TIMEOUT: '120' }
  })
  const exit = once(child, 'exit')
  const results = []
  let lines = []
  for await (const line of createInterface(child.stdout)) {
    const [, not, file, time] = /^(not )?ok \d+ - (\S+)(?: # time=([\d.]+)ms)?/.exec(line) ?? []
    lines.push(line)
    if (file === undefined) continue
    results.push({ file, ok: not === undefined, time: Number(time ?? 0) })
    if (not !== undefined) console.log(lines.filter((line) => !/^ *ok \d+/.test(line)).join('\n'))
    lines = []
  }
  const [code] = await exit
  if (code !== 0 && results.length < files.length) console.log(lines.join('\n'))
  return { code, results }
}
