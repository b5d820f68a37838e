import t from 'tap'
import { absolute, openIframe, originOf } from '../../../../../lib/client/connection/transports/iframe.ts'
import { memoryBrowser } from '../../../../fixtures/client-in-memory.ts'
import { openTransport } from '../../../../fixtures/client-transport.ts'

/** A page with as much of a document as an iframe needs. */
function createPage (readyState = 'complete') {
  const listeners: Record<string, Array<(event: object) => void>> = {}
  const children: Array<{ src: string, style: { display: string }, contentWindow: object }> = []
  const document = {
    readyState,
    createElement: (name: string) => name === 'a'
      ? { protocol: 'http:', host: 'example.com', href: '' }
      : { src: '', style: {}, contentWindow: {} },
    body: {
      appendChild: (child: typeof children[number]) => children.push(child),
      removeChild: (child: typeof children[number]) => children.splice(children.indexOf(child), 1)
    }
  }
  const browser = memoryBrowser({
    document,
    addEventListener: (type: string, listener: (event: object) => void) => { (listeners[type] ??= []).push(listener) },
    removeEventListener: (type: string, listener: (event: object) => void) => {
      listeners[type] = (listeners[type] ?? []).filter((other) => other !== listener)
    }
  } as object)
  const emit = (type: string, event: object = {}): void => {
    for (const listener of listeners[type] ?? []) listener(event)
  }
  return { ...browser, children, document, emit, listeners }
}

t.test('takes the frames that its own document posts, and the end of that', async (t) => {
  const { settings, time, children, emit } = createPage()
  const { frames, failures } = openTransport(openIframe, settings())
  time.pass(1)
  const [element] = children
  t.match(element, { src: '/comet/test', style: { display: 'none' } })
  const post = (data: string, more: object = {}) => {
    emit('message', { source: element?.contentWindow, origin: 'http://example.com', data, ...more })
  }
  post('{"id":"e-1","channel":"a"}')
  post('{"id":"e-2","channel":"a"}', { source: {} })
  post('{"id":"e-3","channel":"a"}', { origin: 'http://other.example' })
  t.same(frames, [{ id: 'e-1', channel: 'a' }])
  post('end')
  t.match(failures, [{ error: { code: 'COMET_ERR_NETWORK' } }])
})

t.test('waits until the page has loaded', async (t) => {
  const { settings, time, children, emit } = createPage('interactive')
  openTransport(openIframe, settings())
  time.pass(10_000)
  t.equal(children.length, 0)
  emit('load')
  t.equal(children.length, 0, 'after the event')
  time.pass(1)
  t.equal(children.length, 1)
})

t.test('disconnected, it removes its element and its listener, also where the page has removed it', async (t) => {
  const { settings, time, children, document, listeners } = createPage()
  const { disconnect } = openTransport(openIframe, settings())
  time.pass(1)
  document.body.removeChild = () => { throw new Error('gone') }
  disconnect()
  t.same(listeners['message'], [])
  const other = createPage()
  const second = openTransport(openIframe, other.settings())
  other.time.pass(1)
  second.disconnect()
  t.equal(other.children.length, 0)
  t.equal(children.length, 1)
})

t.test('resolves URLs as the browser does', async (t) => {
  const { document } = createPage()
  t.equal(originOf(absolute(document as unknown as Document, '/comet')), 'http://example.com')
})
