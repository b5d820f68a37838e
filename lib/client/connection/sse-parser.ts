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

/** Lines end with CR, LF or both. To the beginning of a line that is cut, only text is added. */
function createLineReader (take: (line: string) => void): (chunk: string) => void {
  let rest = ''
  let isAfterCr = false
  return (chunk) => {
    if (!chunk) return
    // The CR at the end of the last piece has ended its line. An LF that follows belongs to it.
    const lines = (isAfterCr ? chunk.replace(/^\n/, '') : chunk).split(/\r\n|\r|\n/)
    isAfterCr = chunk.charAt(chunk.length - 1) === '\r'
    lines[0] = rest + lines[0]
    rest = lines.pop() as string
    lines.forEach(take)
  }
}

/** An empty line ends an event. At the end of a stream, an event without it is dropped. */
function createEventReader (dispatch: (event: SseEvent) => void): (line: string) => void {
  let type = ''
  let data: string[] = []
  return (line) => {
    // The name, then the value after a colon, of which one space is dropped. `[^]` is any character.
    const [, name, value] = /^([^:]*):? ?([^]*)/.exec(line) as unknown as [string, string, string]
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
