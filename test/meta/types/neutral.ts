// Compiled, never run: without the declarations of a browser, and without those of Node.
import type {} from 'fastify-comet/client'
import type { Comet, CometError } from 'fastify-comet/client'

declare module 'fastify-comet/client' {
  interface CometChannels {
    shared: { seats: number }
  }
}

declare const comet: Comet
comet.subscribe('shared', ({ seats }) => seats satisfies number)
comet.on('error', (error) => error satisfies CometError)
const error: CometError | null = comet.error
error satisfies unknown
// @ts-expect-error -- publish takes no option of this name
await comet.publish('shared', { seats: 1 }, { id: 'x' })
// @ts-expect-error -- nor does subscribe
comet.subscribe('shared', () => {}, { replay: 3 })
// @ts-expect-error -- and on takes none
comet.on('error', () => {}, { once: true })
