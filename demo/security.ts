import type { IncomingMessage } from 'node:http'
import type { FastifyHelmetOptions } from '@fastify/helmet'

/**
 * The security policy of the demo's pages. They may run scripts and styles from their own files, connect to their own
 * server, and embed its hidden iframe; the front page may do the same with its lanes. Nothing inline or third-party.
 *
 * @param lanes returns the origins of the lanes, as seen by the client of this request
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
    // The demo uses plain HTTP on loopback: a browser that insists on HTTPS could not return.
    strictTransportSecurity: false
  }
}
