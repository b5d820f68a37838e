const TRANSPORTS = ['eventsource', 'iframe', 'long-poll']

/**
 * Tells each request of a comet client that the browser has finished, from its own resource timing.
 * A stream that is still open is not among them.
 *
 * @param prefix where the plugin is mounted: a path, or an address on another origin
 * @returns undo
 */
export function watchRequests (prefix: string, finished: (entry: PerformanceResourceTiming) => void): () => void {
  const starts = TRANSPORTS.map((name) => `${new URL(prefix, location.href).href}/${name}?`)
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      if (entry instanceof PerformanceResourceTiming && starts.some((start) => entry.name.startsWith(start))) finished(entry)
    }
  })
  observer.observe({ type: 'resource', buffered: true })
  return () => observer.disconnect()
}
