import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { createInstance, type Instance } from '../../../lib/plugin/instance.ts'
import { parsed } from '../../fixtures/bus.ts'
import { FakeLog } from '../../fixtures/fake-log.ts'
import { LogLines } from '../../fixtures/log-lines.ts'

function create (t: Test, log = new FakeLog()): { instance: Instance, log: FakeLog, stream: LogLines } {
  const stream = new LogLines()
  const instance = createInstance(parsed({ log }), Fastify({ logger: { stream } }).log)
  t.teardown(() => instance.close())
  return { instance, log, stream }
}

t.test('it is closing, and then closed', async (t) => {
  const { instance } = create(t)
  t.same([instance.closing, instance.closed], [false, false])
  const closed = instance.close()
  t.same([instance.closing, instance.closed], [true, true])
  await closed
  t.same([instance.closing, instance.closed], [false, true])
})

t.test('each instance has a name of its own', async (t) => {
  t.not(create(t).instance.node, create(t).instance.node)
})

t.test('a control message of another node that is not JSON is logged', async (t) => {
  const { log, stream } = create(t)
  log.reader.entry({ offset: ++log.end, channel: '', data: '{' })
  await new Promise(setImmediate)
  t.match(stream.lines, [{ level: 50, msg: 'comet: cannot read a control message of another node' }])
})
