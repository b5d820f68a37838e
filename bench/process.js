// What the kernel reports about a process.
import { readFileSync, readdirSync } from 'node:fs'

const TICK = 10 // ms, of /proc/<pid>/stat
const PAGE = 4096 // bytes

/** User and system time of all threads of the process so far, ms. */
export function cpuTime (pid) {
  try {
    return readdirSync(`/proc/${pid}/task`).reduce((sum, task) => sum + threadTime(pid, task), 0)
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
    const fields = read(`/proc/${pid}/stat`).replace(/^.*\) /, '').split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK
  }
}

/** Resident memory, bytes. */
export function residentMemory (pid) {
  return Number(read(`/proc/${pid}/statm`).split(' ')[1]) * PAGE
}

/** The number of files that this process may have open. Each connection of a client takes one. */
export function openFiles () {
  return Number(/^Max open files +(\d+)/m.exec(read('/proc/self/limits'))[1])
}

export function children (pid) {
  return read(`/proc/${pid}/task/${pid}/children`).trim().split(' ').filter(Boolean).map(Number)
}

// The same sum as utime + stime of /proc/<pid>/stat, but in nanoseconds instead of units of 10 ms.
function threadTime (pid, task) {
  return Number(read(`/proc/${pid}/task/${task}/schedstat`).split(' ')[0]) / 1e6
}

function read (path) {
  return readFileSync(path, 'utf8')
}
