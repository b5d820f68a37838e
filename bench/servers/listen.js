/** Listens on a free port of the loopback interface and returns it. */
export function listen (server) {
  return new Promise((resolve) => {
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4096 }, () => { resolve(server.address().port) })
  })
}
