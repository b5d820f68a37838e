import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import t from 'tap'
import { type PlaceLimits, Places } from '../../../lib/connections/places.ts'

function response (): ServerResponse {
  return new ServerResponse(new IncomingMessage(new Socket()))
}

function create (limits: Partial<PlaceLimits> = {}): Places {
  return new Places({ maxConnections: 0, maxConnectionsPerAddress: 0, ...limits })
}

t.test('there is room for everybody unless there is a limit', async (t) => {
  const places = create()
  for (let i = 0; i < 100; i++) places.take('::1', response())
  t.equal(places.isFull('::1'), false)
  t.same([places.taken, places.takenBy('::1'), places.takenBy('::2')], [100, 100, 0])
})

t.test('the limit counts all addresses, until a place is given back', async (t) => {
  const places = create({ maxConnections: 2 })
  const place = places.take('::1', response())
  t.equal(places.isFull('::1'), false)
  places.take('::2', response())
  t.equal(places.isFull('::3'), true)
  place.release()
  t.equal(places.isFull('::3'), false)
})

t.test('each address has a limit of its own', async (t) => {
  const places = create({ maxConnectionsPerAddress: 2 })
  const taken = [places.take('::1', response()), places.take('::1', response())]
  t.same([places.isFull('::1'), places.isFull('::2')], [true, false])
  taken[0]?.release()
  t.equal(places.isFull('::1'), false)
  taken[1]?.release()
  places.take('::1', response())
  t.equal(places.isFull('::1'), false)
})

t.test('a place is given back once, whoever does it and however often', async (t) => {
  const places = create({ maxConnectionsPerAddress: 1 })
  const raw = response()
  const place = places.take('::1', raw)
  for (let i = 0; i < 3; i++) {
    place.release()
    raw.emit('close')
    places.tick()
  }
  t.same([places.taken, places.takenBy('::1')], [0, 0])
  const others = [places.take('::1', response()), places.take('::1', response())]
  place.release()
  t.same([places.taken, places.takenBy('::1')], [2, 2])
  for (const other of others) other.release()
  t.same([places.taken, places.takenBy('::1')], [0, 0])
})

t.test('the end of a response gives its place back', async (t) => {
  const places = create()
  const raw = response()
  places.take('::1', raw)
  raw.emit('close')
  t.same([places.taken, places.takenBy('::1')], [0, 0])
})

t.test('the place of a client that left without an event is taken back', async (t) => {
  const places = create()
  const gone = response()
  places.take('::1', gone)
  places.take('::1', response())
  places.tick()
  t.same([places.taken, places.takenBy('::1')], [2, 2])
  gone.req.socket.destroy()
  places.tick()
  t.same([places.taken, places.takenBy('::1')], [1, 1])
})
