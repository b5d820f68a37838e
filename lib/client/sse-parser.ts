// An incremental parser of text/event-stream (HTML Living Standard, 9.2.6), for streams that are read with fetch. Of an
// event, only the data is wanted: the frame in it says the rest.

/** Takes a stream's decoded text piece by piece, cut anywhere, and calls `dispatch` with the data of each complete event. */
export function createSseParser (dispatch: (data: string) => void): (chunk: string) => void {
  let rest = ''
  let data: string[] = []
  return (chunk) => {
    // A CR at the end of a piece may be the first half of a CRLF.
    const lines = (rest + chunk).split(/\r\n|\n|\r(?!$)/)
    rest = lines.pop() as string
    lines.forEach((line) => {
      const field = /^data(?:: ?([^]*))?$/.exec(line)
      if (field) data.push(field[1] || '')
      if (line) return
      if (data.length) dispatch(data.join('\n'))
      data = []
    })
  }
}
