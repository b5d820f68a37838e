const TRANSPORTS = ['eventsource', 'iframe', 'long-poll']

/**
 * Calls `finished` for each request of a comet client that has ended, as the browser's resource timing reports it.
 * A stream that is still open is not reported.
 *
 * @param prefix where the plugin is mounted: a path, or a URL on another origin
 * @returns a function that stops the reports
 */
export function watchRequests (prefix: string, finished: (entry: PerformanceResourceTiming) => void): () => void {
  const starts = TRANSPORTS.map((name) => `${new URL(prefix, location.href).href}/${name}?`)
  const observer = new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const isComet = starts.some((start) => entry.name.startsWith(start))
      if (isComet && entry instanceof PerformanceResourceTiming) finished(entry)
    }
  })
  observer.observe({ type: 'resource', buffered: true })
  return () => observer.disconnect()
}
