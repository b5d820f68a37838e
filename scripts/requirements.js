// What the tests need beyond npm. A test names its requirements, and install-system.js installs their packages.
import { accessSync, constants, existsSync } from 'node:fs'
import { delimiter, isAbsolute, join } from 'node:path'

export const requirements = [
  { name: 'chromium', commands: ['chromium'], packages: ['chromium'], neededFor: 'the browser tests in Chromium' },
  { name: 'firefox', commands: ['firefox-esr'], packages: ['firefox-esr'], neededFor: 'the browser tests in Firefox' },
  {
    name: 'webkit',
    commands: ['WebKitWebDriver', 'MiniBrowser', 'Xvfb'],
    packages: ['webkit2gtk-driver', 'libwebkit2gtk-4.1-0', 'xvfb'],
    neededFor: 'the browser tests in WebKit'
  },
  { name: 'nginx', commands: ['nginx'], packages: ['nginx'], neededFor: 'the tests behind nginx' },
  { name: 'haproxy', commands: ['haproxy'], packages: ['haproxy'], neededFor: 'the tests behind HAProxy' },
  { name: 'squid', commands: ['squid'], packages: ['squid'], neededFor: 'the tests behind Squid' },
  { name: 'varnish', commands: ['varnishd'], packages: ['varnish'], neededFor: 'the tests behind Varnish' },
  { name: 'caddy', commands: ['caddy'], packages: ['caddy'], neededFor: 'the tests behind Caddy' },
  { name: 'apache', commands: ['apache2'], packages: ['apache2'], neededFor: 'the tests behind Apache' },
  { name: 'lighttpd', commands: ['lighttpd'], packages: ['lighttpd'], neededFor: 'the tests behind lighttpd' },
  { name: 'redis', commands: ['redis-server'], packages: ['redis-server'], neededFor: 'the tests of the log in Redis' },
  { name: 'nats', commands: ['nats-server'], packages: ['nats-server'], neededFor: 'the tests of the log in NATS' },
  {
    name: 'requests',
    commands: ['/usr/bin/python3'],
    files: ['/usr/lib/python3/dist-packages/requests'],
    packages: ['python3', 'python3-requests'],
    neededFor: 'the test of a client with Python requests'
  },
  {
    name: 'httpx',
    commands: ['/usr/bin/python3'],
    files: ['/usr/lib/python3/dist-packages/httpx'],
    packages: ['python3', 'python3-httpx'],
    neededFor: 'the test of a client with Python httpx'
  },
  {
    name: 'go',
    commands: ['go'],
    files: ['/usr/share/gocode/src/github.com/donovanhide/eventsource'],
    packages: ['golang-go', 'golang-github-donovanhide-eventsource-dev'],
    neededFor: 'the test of a client in Go'
  }
]

// Servers are in sbin, which is not on every user's PATH; WebKitGTK keeps its browser next to its library.
const folders = [
  ...(process.env.PATH ?? '').split(delimiter),
  '/usr/local/sbin',
  '/usr/sbin',
  `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu/webkit2gtk-4.1`
]

export function locate (command) {
  if (isAbsolute(command)) return isExecutable(command) ? command : undefined
  return folders.map((folder) => join(folder, command)).find(isExecutable)
}

export function isPresent (requirement) {
  const { commands, files = [] } = requirement
  return commands.every((command) => locate(command) !== undefined) && files.every((file) => existsSync(file))
}

export function installCommand (missing) {
  return ['apt-get', 'install', '-y', '--no-install-recommends', ...missing.flatMap(({ packages }) => packages)]
}

function isExecutable (path) {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}
