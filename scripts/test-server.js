// Runs the tests of the server on the Node that runs this script. Passes its arguments on to tap.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { delimiter, dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { serverTests } from './server-tests.js'

process.chdir(fileURLToPath(new URL('../', import.meta.url)))

// Programs that a test starts by name, such as npm, run on this Node too.
const PATH = [dirname(process.execPath), process.env.PATH].join(delimiter)
const tap = 'node_modules/tap/dist/esm/run.mjs'
const args = [tap, '--disable-coverage', ...process.argv.slice(2), ...serverTests()]
const [code] = await once(spawn(process.execPath, args, { stdio: 'inherit', env: { ...process.env, PATH } }), 'exit')
process.exitCode = code ?? 1
