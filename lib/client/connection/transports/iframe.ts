import { DOCUMENT_END } from '../../../protocol/wire.ts'
import { networkFailure } from '../failure.ts'
import { attempt } from '../../browser/env.ts'
import { receive } from '../frames.ts'
import type { ClientTransport } from './transport.ts'

/**
 * A hidden iframe, whose document never ends and posts a frame with each of its scripts. At its end the document
 * posts that too, but not in Chromium when the connection was cut. Neither `load` nor `error` shows then that it is
 * dead: only the heartbeats that do not come.
 */
export const openIframe: ClientTransport = ({ settings, channelSet, request, frame, end }) => {
  const page = settings.env as unknown as Window
  const { document } = page
  const create = () => {
    request(channelSet.request, ({ url }) => {
      const element = document.createElement('iframe')
      const origin = originOf(absolute(document, settings.url))
      const listener = (event: MessageEvent) => {
        if (event.source !== element.contentWindow || event.origin !== origin) return
        if (event.data === DOCUMENT_END) end(networkFailure())
        else receive(event.data, frame)
      }
      element.style.display = 'none'
      // Set before the element is in the document, and never again: each later change would be an entry in the tab's
      // history.
      element.src = url
      page.addEventListener('message', listener)
      document.body.appendChild(element)
      return () => {
        page.removeEventListener('message', listener)
        // The page may have removed it.
        attempt(() => document.body.removeChild(element))
      }
    })
  }
  const start = () => {
    page.removeEventListener('load', start)
    page.setTimeout(create, 0)
  }
  // Before the page has loaded, an iframe that never ends would keep the tab loading, and `load` would never fire.
  if (document.readyState === 'complete') start()
  else page.addEventListener('load', start)
}

/** A link with this URL, which the browser has resolved and split into its parts. */
export function absolute (document: Document, url: string): HTMLAnchorElement {
  const link = document.createElement('a')
  link.href = url
  return link
}

/** The origin of a resolved URL or of a page. */
export function originOf ({ protocol, host }: HTMLAnchorElement | Location): string {
  return protocol + '//' + host
}
