import t from 'tap'
import { OPEN } from '../../../../lib/log/redis/open.lua.ts'
import { compiles } from '../../../fixtures/lua.ts'

t.test('the script is Lua', async (t) => {
  await compiles(t, OPEN)
})

t.test('what it is given has names, in its first lines', async (t) => {
  const [, ...lines] = OPEN.split('\n')
  const body = lines.filter((line) => !/^local [A-Z_, ]+ = /.test(line)).join('\n')
  t.notMatch(body, /(KEYS|ARGV)\[\d/)
})
