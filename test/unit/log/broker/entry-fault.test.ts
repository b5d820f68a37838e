import t from 'tap'
import { faultOf } from '../../../../lib/log/broker/entry-fault.ts'

t.test('an entry that a node can have appended has no fault', async (t) => {
  for (const channel of ['', 'a', 'ä\u{1f4a9}', '\u{1f4a9}'.repeat(255)]) {
    t.equal(faultOf({ offset: 1, channel, data: '{"a":[1,null]}' }), undefined)
  }
})

t.test('the fault of any other entry is said in one line', async (t) => {
  const cases: [entry: { channel?: string, data?: string, foreign?: string }, fault: RegExp][] = [
    [{ foreign: 'other fields' }, /^other fields$/],
    [{ channel: 'a\nb' }, /^the channel is "a\\nb"$/],
    [{ channel: '\ud800' }, /^the channel is /],
    [{ channel: 'x'.repeat(511) }, /^the channel is "x+\.\.\.$/],
    [{ data: '{' }, /^the data is no JSON: "{"$/],
    [{ data: '' }, /^the data is no JSON: ""$/]
  ]
  for (const [entry, fault] of cases) t.match(faultOf({ offset: 1, channel: 'a', data: '1', ...entry }), fault)
})
