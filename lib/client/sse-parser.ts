// An incremental parser of text/event-stream (HTML Living Standard, 9.2.6), for streams that are read with fetch.

export interface ServerSentEvent {
  type: string
  data: string
  /** The last id, as of this event: an id counts only once its event was dispatched. */
  id: string
}

/** Takes a stream's text piece by piece, cut anywhere. */
export class SseParser {
  private readonly dispatch: (event: ServerSentEvent) => void
  private pieces: string[] = []
  private isStart = true
  private afterReturn = false
  private type = ''
  private data: string[] = []
  private id = ''

  /** `dispatch` is called for each complete event. */
  constructor (dispatch: (event: ServerSentEvent) => void) {
    this.dispatch = dispatch
  }

  push (chunk: string): void {
    if (!chunk) return
    // A byte order mark, and the second half of a CRLF that was cut in two
    let from = (this.isStart && chunk.charAt(0) === '\uFEFF') || (this.afterReturn && chunk.charAt(0) === '\n') ? 1 : 0
    this.isStart = false
    this.afterReturn = chunk.charAt(chunk.length - 1) === '\r'
    const ends = /\r\n|\n|\r/g
    ends.lastIndex = from
    for (let end = ends.exec(chunk); end; end = ends.exec(chunk)) {
      // A line may come in very many pieces: joining them once keeps that linear.
      this.pieces.push(chunk.slice(from, end.index))
      this.line(this.pieces.join(''))
      this.pieces = []
      from = ends.lastIndex
    }
    this.pieces.push(chunk.slice(from))
  }

  private line (text: string): void {
    if (!text) return this.end()
    const parts = /^([^:]*):? ?([^]*)$/.exec(text) as RegExpExecArray
    const value = parts[2] as string
    if (parts[1] === 'data') this.data.push(value)
    else if (parts[1] === 'event') this.type = value
    else if (parts[1] === 'id' && value.indexOf('\0') < 0) this.id = value
  }

  private end (): void {
    if (this.data.length) this.dispatch({ type: this.type || 'message', data: this.data.join('\n'), id: this.id })
    this.type = ''
    this.data = []
  }
}
