import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Test } from 'tap'

/**
 * Runs the server of the README's example, in its folder, until the test ends. Resolves to the URL that its log names.
 */
export async function runExample (t: Test, folder: string): Promise<string> {
  const child = spawn(process.execPath, ['server.mjs'], {
    cwd: folder, env: { ...process.env, PORT: '0' }, stdio: ['ignore', 'pipe', 'inherit']
  })
  t.teardown(async () => {
    if (child.exitCode === null && child.kill()) await once(child, 'exit')
  })
  return new Promise((resolve, reject) => {
    // It goes on reading, so that the log never fills the pipe.
    createInterface(child.stdout).on('line', (line) => {
      const url = /Server listening at (http:[^"]+)/.exec(line)?.[1]
      if (url !== undefined) resolve(url)
    })
    child.once('exit', () => { reject(new Error('The example has ended')) })
  })
}
