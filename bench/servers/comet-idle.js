// The plugin with its heartbeats, with parts of what the kernel reports about sockets hidden from it.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** `hidden`: files whose paths begin with this prefix appear to be missing, or empty. */
export async function start ({ hidden, ...options }) {
  if (hidden !== undefined) hide(hidden)
  const { start } = await import('./comet.js')
  return start(options)
}

function hide (prefix) {
  const { existsSync, readFileSync } = fs
  const isHidden = (path) => String(path).startsWith(prefix)
  fs.existsSync = (path) => !isHidden(path) && existsSync(path)
  fs.readFileSync = (path, ...rest) => isHidden(path) ? '' : readFileSync(path, ...rest)
  syncBuiltinESMExports()
}
