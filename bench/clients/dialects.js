// How the clients of each server poll: see PollClients.

/** The plugin's: the cursor is the id of the last message. */
export function comet () {
  const request = (index, cursor) =>
    get(`/comet/long-poll?channel=bench&client=${secret(index)}${cursor === undefined ? '' : `&cursor=${cursor}`}`)
  return {
    greets: true,
    first: (index) => request(index),
    next: (index, answer) => request(index, last(answer, /"cursor":"([^"]+)"/g)),
    round (answer) {
      const cursor = last(answer, /"id":"([^"]+)"/g)
      return (index) => request(index, cursor)
    }
  }
}

/** The bare route's: only the request. */
export function plain () {
  const request = (index) => get(`/poll?channel=bench&client=${secret(index)}&cursor=bench0000000-1`)
  return { greets: false, first: request, next: () => undefined, round: () => (index) => request(index) }
}

export function sockjs () {
  const request = (index) => `POST /echo/000/session${index}/xhr HTTP/1.1\r\nHost: bench\r\nContent-Length: 0\r\n\r\n`
  return {
    greets: true,
    first: request,
    next: (index, answer) => answer.subarray(-5).equals(LAST_CHUNK) ? request(index) : undefined,
    round: () => request
  }
}

export function engineIo () {
  const sids = []
  const request = (index) => {
    const session = sids[index] === undefined ? '' : `&sid=${sids[index]}`
    return get(`/engine.io/?EIO=4&transport=polling${session}`)
  }
  return {
    greets: true,
    first: request,
    next (index, answer) {
      sids[index] ??= last(answer, /"sid":"([^"]+)"/g)
      return request(index)
    },
    round: () => request
  }
}

/** Nchan's: the position is in `Last-Modified` and `Etag`. */
export function nchan () {
  const at = (answer) => {
    const [modified, tag] = [last(answer, /Last-Modified: (.+)/g), last(answer, /Etag: (.+)/g)]
    return get('/subscribe', `If-Modified-Since: ${modified}\r\nIf-None-Match: ${tag}\r\n`)
  }
  return {
    greets: false,
    first: () => get('/subscribe'),
    next: (_index, answer) => at(answer),
    round (answer) {
      const request = at(answer)
      return () => request
    }
  }
}

function secret (index) {
  return String(index).padStart(22, '0')
}

export function get (target, headers = '') {
  return `GET ${target} HTTP/1.1\r\nHost: bench\r\n${headers}\r\n`
}

const LAST_CHUNK = Buffer.from('0\r\n\r\n')

function last (answer, pattern) {
  return [...answer.toString('latin1').matchAll(pattern)].at(-1)?.[1].trim()
}
