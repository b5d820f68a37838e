import { parseFrame, type Prepared, type Transport } from './transport.ts'

/**
 * A hidden iframe whose document never ends and posts a frame with each piece. It has no end of its own: neither `load`
 * nor `error` tells whether it lives, only its frames do.
 */
export const iframe: Transport = function (env, request, handlers) {
  const page = env.document as Document
  const events = env.events as Window
  let frame: HTMLIFrameElement | null = null
  let open = true

  // Earlier than this, the tab shows itself loading for ever and `load` never fires.
  if (page.readyState === 'complete') later()
  else events.addEventListener('load', later)
  return close

  function later () {
    events.removeEventListener('load', later)
    env.setTimeout(function () { if (open) request.prepare('stream', request.cursor, create) }, 0)
  }

  function create (prepared: Prepared) {
    if (!open) return
    frame = page.createElement('iframe')
    frame.title = 'comet'
    frame.tabIndex = -1
    frame.setAttribute('aria-hidden', 'true')
    frame.style.display = 'none'
    // Set before it is in the document, and never again: each later change would be an entry in the history.
    frame.src = prepared.url
    events.addEventListener('message', receive)
    page.body.appendChild(frame)
  }

  function receive (event: MessageEvent) {
    if (!open || !frame || event.source !== frame.contentWindow || event.origin !== request.origin) return
    const posted = parseFrame(event.data)
    if (posted) handlers.frame(posted)
  }

  function close () {
    open = false
    events.removeEventListener('load', later)
    events.removeEventListener('message', receive)
    if (frame && frame.parentNode) frame.parentNode.removeChild(frame)
    frame = null
  }
}
