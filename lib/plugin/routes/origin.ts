import type { FastifyRequest } from 'fastify'
import { COMET_ERR_ORIGIN, show } from '../../errors.ts'

/** The origin that an iframe's document may post to: empty for the server's own. Throws `COMET_ERR_ORIGIN`. */
export function embeddingOrigin (
  request: FastifyRequest, origin: string | undefined, origins: readonly string[]
): string {
  if (origin === undefined || isOwn(request, origin)) return ''
  if (!origins.includes(origin)) throw new COMET_ERR_ORIGIN(show(origin))
  return origin
}

/**
 * Throws `COMET_ERR_ORIGIN` for a request that a browser sends on behalf of a page of another site. `Sec-Fetch-Site`,
 * which no page can forge, comes first: behind a proxy the host may not be the one that the browser sees.
 */
export function refuseCrossSite (request: FastifyRequest, origins: readonly string[]): void {
  const { origin, 'sec-fetch-site': site } = request.headers
  if (site === 'same-origin' || site === 'none') return
  if (origin === undefined && site === undefined) return
  if (origin !== undefined && (origins.includes(origin) || (site === undefined && isOwn(request, origin)))) return
  throw new COMET_ERR_ORIGIN(show(origin ?? site))
}

function isOwn ({ protocol, host }: FastifyRequest, origin: string): boolean {
  return origin === `${protocol}://${host}`
}
