// Parses an event stream that comes over `fetch`, as in
// https://html.spec.whatwg.org/multipage/server-sent-events.html#parsing-an-event-stream
// The fields `id` and `retry` are ignored: a frame carries both itself.

/** One event of the stream. */
export interface SseEvent {
  /** The field `event`, or `message` if it is absent or empty. */
  readonly type: string
  readonly data: string
}

/**
 * Returns a function that takes the decoded text of a stream, in pieces cut anywhere. Calls `dispatch` with each
 * event that has data.
 */
export function createSseParser (dispatch: (event: SseEvent) => void): (chunk: string) => void {
  const lines = createLineReader(createEventReader(dispatch))
  let isFirst = true
  return (chunk) => {
    lines(isFirst && chunk.charAt(0) === '\ufeff' ? chunk.slice(1) : chunk)
    if (chunk) isFirst = false
  }
}

/**
 * Lines end with CR, LF or both. Each character is looked at once: to the beginning of a line that is cut, only text
 * is added.
 */
function createLineReader (take: (line: string) => void): (chunk: string) => void {
  const end = /\r\n|\r|\n/g
  let line = ''
  let isAfterCr = false
  return (chunk) => {
    if (!chunk) return
    // The CR at the end of the last piece has ended its line. An LF that follows belongs to it.
    let from = isAfterCr && chunk.charAt(0) === '\n' ? 1 : 0
    isAfterCr = chunk.charAt(chunk.length - 1) === '\r'
    end.lastIndex = from
    for (let found = end.exec(chunk); found; found = end.exec(chunk)) {
      const whole = line + chunk.slice(from, found.index)
      line = ''
      from = end.lastIndex
      take(whole)
    }
    line += chunk.slice(from)
  }
}

/** An empty line ends an event. At the end of a stream, an event without it is dropped. */
function createEventReader (dispatch: (event: SseEvent) => void): (line: string) => void {
  let type = ''
  let data: string[] = []
  return (line) => {
    const colon = line.indexOf(':')
    const name = colon < 0 ? line : line.slice(0, colon)
    const value = colon < 0 ? '' : line.slice(line.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') data.push(value)
    else if (name === 'event') type = value
    else if (line === '') {
      const event = { type: type || 'message', data: data.join('\n') }
      const hasData = data.length > 0
      type = ''
      data = []
      if (hasData) dispatch(event)
    }
  }
}
