import { hostname, networkInterfaces } from 'node:os'

/** The origins under which a server on this host and port may be opened, the likeliest first. */
export function originsOf (host: string, port: number): string[] {
  return hostsOf(host).map((name) => new URL(`http://${name}:${port}`).origin)
}

function hostsOf (host: string): string[] {
  const local = ['127.0.0.1', 'localhost', '[::1]']
  if (host === '127.0.0.1' || host === 'localhost' || host === '::1') return local
  if (host !== '0.0.0.0' && host !== '::') return [inUrl(host)]
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  const reachable = addresses.filter(({ scopeid }) => !scopeid).map(({ address }) => inUrl(address))
  return [...new Set([...local, hostname(), ...reachable])]
}

function inUrl (host: string): string {
  return host.includes(':') ? `[${host}]` : host
}
