import type { IncomingMessage } from 'node:http'
import type { FastifyHelmetOptions } from '@fastify/helmet'

/**
 * What the demo's pages may do: run scripts and styles of their own files, connect to their own server, and embed its
 * hidden iframe; the front page the same with its lanes. Nothing inline, nothing from elsewhere.
 *
 * @param lanes origins of the lanes, as seen by who asks
 */
export function securityHeaders (lanes: (request: IncomingMessage) => string[]): FastifyHelmetOptions {
  const own = ["'self'", (request: IncomingMessage) => lanes(request).join(' ')]
  return {
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'none'"],
        scriptSrc: ["'self'"],
        styleSrc: ["'self'"],
        imgSrc: ["'self'"],
        workerSrc: ["'self'"],
        connectSrc: own,
        frameSrc: own,
        baseUri: ["'none'"],
        formAction: ["'none'"],
        frameAncestors: ["'none'"]
      }
    },
    // The demo speaks plain HTTP on loopback: a browser told to insist on HTTPS could not come back.
    strictTransportSecurity: false
  }
}
