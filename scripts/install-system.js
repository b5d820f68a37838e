// Sees to it that the browsers and proxies that the tests use are there: installs the missing ones where that is
// possible (root, apt-get), and otherwise says what is missing. It never fails: tests skip what they cannot have.
import { spawnSync } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { installCommand, isPresent, locate, requirements } from './requirements.js'

const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_ASIDE = `${POLICY}.before-fastify-comet`

const missing = absent()
if (missing.length > 0 && process.getuid?.() === 0 && locate('apt-get') !== undefined) install(missing)
report(absent())

function absent () {
  return requirements.filter((requirement) => !isPresent(requirement))
}

function install (missing) {
  console.log(`The tests need ${names(missing)}: ${line(missing)}`)
  // Registered and empty, so that Ctrl-C ends apt-get (it gets the signal too) but not us before we have tidied up.
  process.on('SIGINT', () => {})
  withoutServiceStarts(() => {
    run(['apt-get', 'update'])
    if (run(installCommand(missing))) return
    // One package that this system does not know fails them all.
    for (const requirement of missing) run(installCommand([requirement]))
  })
}

// Debian starts a server as it installs it, and asks this script first whether it may.
function withoutServiceStarts (action) {
  if (existsSync(POLICY)) renameSync(POLICY, POLICY_ASIDE)
  writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    action()
  } finally {
    rmSync(POLICY)
    if (existsSync(POLICY_ASIDE)) renameSync(POLICY_ASIDE, POLICY)
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
