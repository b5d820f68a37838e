// Installs the missing browsers, proxies and brokers that the tests use where that is possible (root, apt-get), and
// otherwise prints what is missing. It never fails, because tests skip what is not installed.
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { installCommand, isPresent, locate, requirements } from './requirements.js'

const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_BACKUP = `${POLICY}.before-fastify-comet`

const missing = absent()
if (missing.length > 0 && process.getuid?.() === 0 && locate('apt-get') !== undefined) install(missing)
report(absent())

function absent () {
  return requirements.filter((requirement) => !isPresent(requirement))
}

function install (missing) {
  console.log(`The tests need ${names(missing)}: ${line(missing)}`)
  // An empty handler: Ctrl-C ends apt-get, which receives the signal too, but this process restores the policy first.
  process.on('SIGINT', () => {})
  withoutServiceStarts(() => {
    run(['apt-get', 'update'])
    if (run(installCommand(missing))) return
    // One unknown package makes the whole command fail.
    for (const requirement of missing) run(installCommand([requirement]))
  })
}

// Debian starts a server when it installs it, unless this policy script forbids it.
function withoutServiceStarts (action) {
  if (existsSync(POLICY)) renameSync(POLICY, POLICY_BACKUP)
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    action()
  } finally {
    rmSync(POLICY)
    if (existsSync(POLICY_BACKUP)) renameSync(POLICY_BACKUP, POLICY)
  }
}

function run ([command, ...args]) {
  const { status, stdout, stderr } = spawnSync(command, ['-o', 'DPkg::Lock::Timeout=120', ...args], {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
    maxBuffer: 64 * 1024 * 1024
  })
  if (status !== 0) console.log(`${command} ${args.join(' ')} failed:\n${stdout}${stderr}`)
  return status === 0
}

function report (missing) {
  if (missing.length === 0) return
  for (const { name, neededFor } of missing) console.log(`${name} is missing: ${neededFor} cannot run`)
  console.log(`To install what is missing, on Debian: ${line(missing)}`)
}

function names (missing) {
  return missing.map(({ name }) => name).join(', ')
}

function line (missing) {
  return installCommand(missing).join(' ')
}
