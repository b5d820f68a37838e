// A server in a separate process that runs its parent's commands: `host.js <kind> <options as JSON>`.
import { payload } from './payload.js'

const [kind, options] = process.argv.slice(2)
const { start } = await import(`./${kind}.js`)
const server = await start(JSON.parse(options))

const commands = {
  /** Publishes `burst` messages per tick for `ticks` ticks: one tick after the other, or one every `every` ms. */
  async publish ({ ticks, burst, size, every }) {
    for (let tick = 0; tick < ticks; tick++) {
      server.publish(burst, (marked) => payload(size, marked), tick)
      await (every === undefined ? nextIteration() : delay(every))
    }
  },
  gc () {
    for (let i = 0; i < 4; i++) global.gc()
  },
  ping () {},
  ...server.commands
}

process.on('message', ({ id, command, options }) => {
  Promise.resolve(commands[command](options)).then((result) => process.send({ id, result }))
})
process.on('disconnect', () => process.exit())
process.send({ id: 0, result: server.port })

function nextIteration () {
  return new Promise((resolve) => { setImmediate(resolve) })
}

function delay (ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}
