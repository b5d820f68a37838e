import Fastify, { type FastifyBaseLogger } from 'fastify'
import t from 'tap'
import { logError, logWarning } from '../../../lib/util/logger.ts'
import { LogLines } from '../../fixtures/log-lines.ts'

/** The next warning of ours; the test runner makes Node 26 emit others. */
function warned (): Promise<NodeJS.ErrnoException[]> {
  return new Promise((resolve) => {
    process.on('warning', function hear (warning) {
      if (warning.name !== 'CometWarning') return
      process.off('warning', hear)
      resolve([warning])
    })
  })
}

t.test('an error goes to the logger of the application', async (t) => {
  const stream = new LogLines()
  const { log } = Fastify({ logger: { stream } })
  logError(log, new Error('broken'), 'comet: it failed')
  logWarning(log, 'comet: it may fail')
  t.match(stream.lines, [
    { level: 50, msg: 'comet: it failed', err: { message: 'broken' } }, { level: 40, msg: 'comet: it may fail' }
  ])
})

t.test('where there is none it is a warning of the process, with its code', async (t) => {
  const { log } = Fastify()
  const warning = warned()
  logError(log, Object.assign(new Error('broken'), { code: 'COMET_ERR_DATA' }), 'comet: it failed')
  t.match(await warning, [{ name: 'CometWarning', code: 'COMET_ERR_DATA', message: 'comet: it failed: broken' }])
})

t.test('so is what was thrown and is no error, and what is probably a mistake', async (t) => {
  const { log } = Fastify()
  for (const tell of [() => {
    logError(log, { code: 7 }, 'comet: it failed')
  }, () => { logWarning(log, 'comet: it may fail') }]) {
    const warning = warned()
    tell()
    t.match(await warning, [{ name: 'CometWarning', message: /^comet: it (failed: .*an object|may fail)$/ }])
  }
})

t.test('a logger that is set to be silent is not outwitted, and one without levels is used', async (t) => {
  const warnings: Error[] = []
  const listener = (warning: Error): void => { warnings.push(warning) }
  process.on('warning', listener)
  t.teardown(() => process.off('warning', listener))
  logError(Fastify({ logger: { level: 'silent' } }).log, new Error('broken'), 'comet: it failed')
  const heard: unknown[] = []
  const log = { error: (...line: unknown[]) => { heard.push(line) }, info () {} } as unknown as FastifyBaseLogger
  logError(log, 'broken', 'comet: it failed')
  await new Promise(setImmediate)
  t.same(warnings, [])
  t.same(heard, [[{ err: 'broken' }, 'comet: it failed']])
})

t.test('an error without a code is a warning without one', async (t) => {
  const warning = warned()
  logError(Fastify().log, new Error('broken'), 'comet: it failed')
  const [{ code }] = await warning as [NodeJS.ErrnoException]
  t.equal(code, undefined)
})
