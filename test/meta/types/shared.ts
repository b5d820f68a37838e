// Compiled, never run: what an application says to the client's half of the package holds for the server too.
import Fastify from 'fastify'
import comet, { type Authorize, type PublishBody } from 'fastify-comet'
import { Comet } from 'fastify-comet/client'

declare module 'fastify-comet/client' {
  interface CometChannels {
    shared: { seats: number }
  }
}

const app = Fastify()
await app.register(comet)
await app.comet.publish('shared', { seats: 1 })
await new Comet('/comet').publish('shared', { seats: 1 })
app.comet.subscribe('shared', ({ data }) => data.seats satisfies number)
// @ts-expect-error -- the server knows what travels there
await app.comet.publish('shared', { seats: 'one' })
// @ts-expect-error -- and so does the client
await new Comet('/comet').publish('shared', { seats: 'one' })

// What is to be published, for an authorize that looks at it
const authorize: Authorize = (request, { action }) => {
  const { channel, data, key } = request.body as PublishBody
  channel satisfies string
  data satisfies unknown
  key satisfies string | undefined
  return action === 'publish'
}
await app.register(comet, { name: 'another', prefix: '/another', authorize })
