const CHANNEL = 'bench'
const OVERHEAD = JSON.stringify(compose(true, '')).length
const WORDS = 'the quick brown fox jumps over the lazy dog and runs on '

let published = 0

/**
 * A value of about `size` bytes of JSON. A marked one contains a "~", the only one on the wire, followed by the time of
 * the machine's monotonic clock in µs: the clients count the marks and calculate latencies from them.
 */
export function payload (size, marked) {
  return compose(marked, WORDS.repeat(Math.ceil(size / WORDS.length)).slice(0, Math.max(0, size - OVERHEAD)))
}

function compose (marked, text) {
  return { at: `${marked ? '~' : '-'}${now()}`, text }
}

export function now () {
  const [seconds, nanoseconds] = process.hrtime()
  return String(Math.floor(seconds * 1e6 + nanoseconds / 1e3)).padStart(16, '0')
}

const ARTICLES = [
  'anchor', 'bolt', 'cable', 'drill', 'engine', 'flange', 'gasket', 'hinge',
  'inverter', 'jack', 'key', 'lamp', 'motor', 'nut', 'pump', 'rivet'
]
const ORDERS = Array.from({ length: 500 }, (_, number) => anOrder(number))

let ordered = 0

/** One of 500 values of about 1 KiB of JSON, with the same keys and different names and numbers. */
export function order () {
  return ORDERS[ordered++ % ORDERS.length]
}

function anOrder (number) {
  const lines = Array.from({ length: 11 }, () => ({
    article: pick(ARTICLES),
    sku: Math.random().toString(36).slice(2, 10),
    quantity: 1 + whole(99),
    price: whole(100_000) / 100,
    inStock: whole(2) === 1
  }))
  const placedAt = new Date(1.7e12 + whole(1e10)).toISOString()
  return { id: number, customer: `customer-${whole(10_000)}`, placedAt, lines }
}

function pick (values) {
  return values[whole(values.length)]
}

function whole (below) {
  return Math.floor(Math.random() * below)
}

/** The fields of the plugin's own message frame, so that every server sends the same. */
export function envelope (data) {
  return { id: `bench0000000-${++published}`, channel: CHANNEL, data }
}

/** `burst` messages, the last of them marked. */
export function burstOf (burst, make) {
  return Array.from({ length: burst }, (_, index) => envelope(make(index === burst - 1)))
}

/** Messages as one piece of an event stream. */
export function events (messages) {
  return messages.map((message) => `id: ${message.id}\ndata: ${JSON.stringify(message)}\n\n`).join('')
}

/** The text as one chunk of HTTP/1.1's chunked coding. */
export function chunk (text) {
  return Buffer.from(`${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`)
}
