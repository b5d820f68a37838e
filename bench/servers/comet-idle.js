// The plugin with its heartbeats, and parts of what the kernel says of sockets hidden from it.
import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'

/** `hidden`: files whose names begin so are not there, or are empty. */
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
