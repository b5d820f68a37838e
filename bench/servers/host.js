// A server in a process of its own, told by its parent what to do: `host.js <kind> <options as JSON>`.
import { payload } from './payload.js'

const [kind, options] = process.argv.slice(2)
const { start } = await import(`./${kind}.js`)
const server = await start(JSON.parse(options))

const commands = {
  /** Publishes `burst` messages a turn, for so many turns: one after the other, or one every `every` ms. */
  async publish ({ turns, burst, size, every }) {
    for (let turn = 0; turn < turns; turn++) {
      server.publish(burst, (marked) => payload(size, marked), turn)
      await (every === undefined ? nextTurn() : delay(every))
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

function nextTurn () {
  return new Promise((resolve) => { setImmediate(resolve) })
}

function delay (ms) {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}
