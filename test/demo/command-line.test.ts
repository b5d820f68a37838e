import t from 'tap'
import { parseCommandLine } from '../../demo/nodes/command-line.ts'

t.test('without arguments there is one process', async (t) => {
  t.equal(parseCommandLine([]), undefined)
})

t.test('a broker, with or without its address and a number of nodes, in any order', async (t) => {
  t.same(parseCommandLine(['--nodes', '3', '--redis']), { nodes: 3, broker: 'redis', url: undefined })
  t.same(parseCommandLine(['--redis', '--nodes=2']), { nodes: 2, broker: 'redis', url: undefined })
  t.same(parseCommandLine(['--redis', 'redis://127.0.0.1:6379/1?a=b', '--nodes', '9']), {
    nodes: 9, broker: 'redis', url: 'redis://127.0.0.1:6379/1?a=b'
  })
  t.same(parseCommandLine(['--redis=redis://user:p=w@host']), {
    nodes: 3, broker: 'redis', url: 'redis://user:p=w@host'
  })
})

const wrong: [args: string[], message: RegExp][] = [
  [['--nodes', '3'], /one shared log: .*--redis/],
  [['--redis', '--nodes', '1'], /--nodes must be .* 2 to 9, got "1"/],
  [['--redis', '--nodes', 'many'], /got "many"/],
  [['--redis', '--nodes'], /got ""/],
  [['--kafka'], /Unknown option "--kafka"/],
  [['3'], /Unknown option "3"/]
]

t.test('anything else is refused, with the reason', async (t) => {
  for (const [args, message] of wrong) t.throws(() => parseCommandLine(args), { message }, args.join(' '))
})
