// Runs all tests with tap, to which arguments are passed on, and then checks what they have covered.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

process.chdir(fileURLToPath(new URL('../', import.meta.url)))

const args = process.argv.slice(2)
const tap = spawn(process.execPath, ['node_modules/tap/dist/esm/run.mjs', ...args], { stdio: 'inherit' })
const [code] = await once(tap, 'exit')
process.exitCode = code ?? 1

// Some files cover only some of the code.
const isWhole = !args.includes('--disable-coverage') && args.every((arg) => arg.startsWith('-'))
if (code === 0 && isWhole) await import('./check-coverage.js')
