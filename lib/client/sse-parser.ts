// An incremental parser of text/event-stream (HTML Living Standard, 9.2.6), for streams that are read with fetch.

export interface ServerSentEvent {
  type: string
  data: string
  /** The last id, as of this event: an id counts only once its event was dispatched. */
  id: string
}

/** Takes a stream's text piece by piece, cut anywhere, and calls `dispatch` for each complete event. */
export function createSseParser (dispatch: (event: ServerSentEvent) => void): (chunk: string) => void {
  let pieces: string[] = []
  let atStart = true
  let afterCarriageReturn = false
  let type = ''
  let data: string[] = []
  let id = ''
  let nextId = ''

  return push

  function push (chunk: string) {
    if (chunk === '') return
    let from = atStart && chunk.charAt(0) === '\uFEFF' ? 1 : 0
    atStart = false
    // The second half of a CRLF that was cut in two
    if (afterCarriageReturn && chunk.charAt(from) === '\n') from++
    afterCarriageReturn = chunk.charAt(chunk.length - 1) === '\r'
    const ends = /\r\n|\n|\r/g
    ends.lastIndex = from
    for (let end = ends.exec(chunk); end; end = ends.exec(chunk)) {
      // A line may come in very many pieces: joining them once keeps that linear.
      pieces.push(chunk.slice(from, end.index))
      line(pieces.join(''))
      pieces = []
      from = ends.lastIndex
    }
    if (from < chunk.length) pieces.push(chunk.slice(from))
  }

  function line (text: string) {
    if (text === '') return end()
    const colon = text.indexOf(':')
    const name = colon < 0 ? text : text.slice(0, colon)
    const value = colon < 0 ? '' : text.slice(text.charAt(colon + 1) === ' ' ? colon + 2 : colon + 1)
    if (name === 'data') data.push(value)
    else if (name === 'event') type = value
    else if (name === 'id' && value.indexOf('\0') < 0) nextId = value
  }

  function end () {
    id = nextId
    if (data.length) dispatch({ type: type || 'message', data: data.join('\n'), id })
    type = ''
    data = []
  }
}
