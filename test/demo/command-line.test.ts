import t from 'tap'
import { parseCommand } from '../../demo/nodes/command-line.ts'

t.test('without arguments there is one process', async (t) => {
  t.equal(parseCommand([]), undefined)
})

t.test('an engine, with or without its address and a number of nodes, in any order', async (t) => {
  t.same(parseCommand(['--nodes', '3', '--redis']), { nodes: 3, engine: 'redis', url: undefined })
  t.same(parseCommand(['--redis', '--nodes=2']), { nodes: 2, engine: 'redis', url: undefined })
  t.same(parseCommand(['--redis', 'redis://127.0.0.1:6379/1?a=b', '--nodes', '9']), { nodes: 9, engine: 'redis', url: 'redis://127.0.0.1:6379/1?a=b' })
  t.same(parseCommand(['--redis=redis://user:p=w@host']), { nodes: 3, engine: 'redis', url: 'redis://user:p=w@host' })
})

const wrong: [args: string[], message: RegExp][] = [
  [['--nodes', '3'], /one log that they share: --redis/],
  [['--redis', '--nodes', '1'], /--nodes is "1".* 2 to 9/],
  [['--redis', '--nodes', 'many'], /--nodes is "many"/],
  [['--redis', '--nodes'], /--nodes is ""/],
  [['--kafka'], /no "--kafka"/],
  [['3'], /no "3"/]
]

t.test('anything else is refused, with the reason', async (t) => {
  for (const [args, message] of wrong) t.throws(() => parseCommand(args), { message }, args.join(' '))
})
