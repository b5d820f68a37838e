// The targets. `figure` names the plugin's series, `over` the series that it is divided by: the best one of several.
const PEERS = ['better-sse', 'fastify-sse', 'fastify-sse-v2', 'sockjs']
const POLLING_PEERS = ['sockjs polling', 'engine.io polling']

/** One target: the ratio must be at most, or at least, `limit`. */
function row (name, work, measure, figure, over, limit) {
  return { name, work, measure, figure, over, ...limit }
}

const most = (atMost) => ({ atMost })
const least = (atLeast) => ({ atLeast })

export const rows = [
  row('es1-net', 'eventsource, one message per tick', 'cpu 1', 'eventsource', ['net'], most(1.1)),
  row('es1-peers', 'eventsource, one message per tick', 'cpu 1', 'eventsource', PEERS, most(0.7)),
  row('es20-net', 'eventsource, 20 messages per tick', 'cpu 20', 'eventsource', ['net'], most(1.15)),
  row('es20-peers', 'eventsource, 20 messages per tick', 'cpu 20', 'eventsource', PEERS, most(0.1)),
  row('es20-nchan', 'eventsource, 20 messages per tick', 'cpu 20', 'eventsource', ['nchan'], most(0.2)),
  row('es1-nchan', 'eventsource, one message per tick', 'cpu 1', 'eventsource', ['nchan'], most(1)),
  row('iframe1', 'iframe, one message per tick', 'cpu 1', 'iframe', ['eventsource'], most(1.15)),
  row('iframe20', 'iframe, 20 messages per tick', 'cpu 20', 'iframe', ['eventsource'], most(1.15)),
  row('sets1', 'each on 10 of 100 channels, a message on one of them',
    'sets 1', 'sets, a message on one of them', ['one channel'], most(1.3)),
  row('sets10', 'each on 10 of 100 channels, a message on each of them',
    'sets 10', 'sets, a message on each', ['one channel'], most(1.3)),
  row('own', '10,000 channels with one subscriber each', 'own channel', 'a channel each', ['net'], most(2)),
  row('poll1-fastify', 'long-poll, one message per round', 'poll 1', 'long-poll', ['fastify poll'], most(1.25)),
  row('poll1-peers', 'long-poll, one message per round', 'poll 1', 'long-poll', POLLING_PEERS, most(1)),
  row('poll20', 'long-poll, 20 messages per round', 'poll 20', 'long-poll', ['engine.io polling'], most(0.1)),
  row('latency', 'latency at 20,000 deliveries per second', 'latency p99', 'eventsource', ['net'], most(1.2)),
  row('saturation', 'saturation, 20 messages per tick', 'saturation', 'eventsource', PEERS, least(10)),
  row('memory-http', '10,000 idle streams', 'memory', 'eventsource', ['http'], most(1.3)),
  row('memory-peers', '10,000 idle streams', 'memory', 'eventsource', PEERS, most(1)),
  row('idle', '10,000 idle streams with heartbeats',
    'idle', 'detecting vanished clients', ['without detecting vanished clients'], most(1.1)),
  row('idle-trouble', 'the same, while other connections of the machine are in trouble',
    'idle', 'detecting, with timers expiring', ['without detecting vanished clients'], most(1.5)),
  row('connection', 'new streams', 'connection', 'eventsource', ['fastify, immediate answer'], most(1.5)),
  row('resume', '10,000 clients that resume in a history of 1000',
    'resume', 'resuming streams', ['a new stream'], most(3)),
  row('publish', 'publish without subscribers, a full channel', 'publish', 'publish', [], least(500_000)),
  row('publish-1000', 'publish without subscribers, 1000 full channels', 'publish 1000', 'publish', [], least(500_000)),
  row('slow', 'one reader in ten is slow', 'slow', 'with slow readers', ['fast readers'], most(1.1)),
  row('compress-bytes', 'bytes: 1 KiB of JSON, 20 per tick, compressed once for all',
    'compress bytes', 'compressed', ['plain'], most(0.25)),
  row('compress-cpu', 'CPU: 1 KiB of JSON, 20 per tick, compressed once for all',
    'compress cpu', 'compressed', ['plain'], most(1.5))
]

/** The measures with their units, in the order of the rows. */
export const units = {
  'cpu 1': 'CPU per delivery, one message per tick, µs',
  'cpu 20': 'CPU per delivery, 20 messages per tick, µs',
  saturation: 'deliveries per second, 20 messages per tick',
  'latency p50': 'latency at 20,000 deliveries per second, p50, ms',
  'latency p99': 'latency at 20,000 deliveries per second, p99, ms',
  'sets 1': 'CPU per delivery, µs: a message on one channel per tick',
  'sets 10': 'CPU per delivery, µs: ten messages for each connection per tick',
  'own channel': 'CPU per delivery, µs: a channel for each connection',
  'poll 1': 'CPU per poll, one message per round, µs',
  'answers 1': 'answers that each client needed, one message per round',
  'poll 20': 'CPU per message, 20 messages per round, µs',
  'answers 20': 'answers that each client needed, 20 messages per round',
  connection: 'CPU per new connection, µs',
  memory: 'memory per idle connection, KB',
  idle: 'CPU of idle streams, ms per second',
  resume: 'CPU per client, µs',
  publish: 'publishes per second of CPU, one channel',
  'publish 1000': 'publishes per second of CPU, 1000 channels',
  slow: 'CPU per delivery to the 900 fast readers, 20 messages per tick, µs',
  'compress bytes': 'bytes per delivery, 20 messages of 1 KiB per tick',
  'compress cpu': 'CPU per delivery, 20 messages of 1 KiB per tick, µs',
  lagging: 'readers that the server counts as lagging'
}
