// `npm run setup`: installs the missing browsers, proxies and brokers that the tests use where that is possible (root
// on Debian), and otherwise prints what is missing. It never fails, because tests skip what is not installed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { installCommand, isPresent, locate, requirements } from './requirements.js'

const POLICY = '/usr/sbin/policy-rc.d'
const POLICY_BACKUP = `${POLICY}.before-fastify-comet`
const MARK = '# written by npm run setup of fastify-comet'

restorePolicy()
const missing = absent()
if (missing.length > 0 && process.getuid?.() === 0 && existsSync('/etc/debian_version') &&
  locate('apt-get') !== undefined) install(missing)
report(absent())

function absent () {
  return requirements.filter((requirement) => !isPresent(requirement))
}

function install (missing) {
  const forbids = forbidsStarts()
  const change = forbids ? '' : `; ${POLICY} is replaced until that is done, so that no server starts`
  console.log(`Installing ${names(missing)}, which the tests need: ${line(missing)}${change}`)
  // An empty handler: Ctrl-C ends apt-get, which receives the signal too, but this process restores the policy first.
  process.on('SIGINT', () => {})
  if (forbids) installPackages(missing)
  else withoutServiceStarts(() => { installPackages(missing) })
}

function installPackages (missing) {
  run(['apt-get', 'update'])
  if (run(installCommand(missing))) return
  // One unknown package makes the whole command fail.
  for (const requirement of missing) run(installCommand([requirement]))
}

// Debian starts a server when it installs it, unless this policy script forbids it with 101, as it does in most
// containers.
function forbidsStarts () {
  return existsSync(POLICY) && spawnSync(POLICY, ['nginx', 'start']).status === 101
}

function withoutServiceStarts (action) {
  if (existsSync(POLICY)) renameSync(POLICY, POLICY_BACKUP)
  writeFileSync(POLICY, `#!/bin/sh\n${MARK}\nexit 101\n`, { mode: 0o755 })
  try {
    action()
  } finally {
    restorePolicy()
  }
}

// Also what an earlier run has left that was killed.
function restorePolicy () {
  if (existsSync(POLICY) && readFileSync(POLICY, 'utf8').includes(MARK)) rmSync(POLICY)
  if (existsSync(POLICY_BACKUP)) renameSync(POLICY_BACKUP, POLICY)
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
