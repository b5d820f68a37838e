import t from 'tap'
import { BrokerClock } from '../../../../lib/log/broker/broker-clock.ts'
import { readEntry } from '../../../../lib/log/redis/entry.ts'

const OURS = ['c', 'room', 'd', '1', 'e', 'epoch', 'o', 'node-1', 't', '1700000000000']

t.test('reads what a node has appended', async (t) => {
  t.match(readEntry(['7-0', OURS], new BrokerClock(Date.now())), {
    offset: 7, channel: 'room', data: '1', epoch: 'epoch', time: Number
  })
})

t.test('what has other fields, or an id that no node gives, is foreign', async (t) => {
  const clock = new BrokerClock(Date.now())
  const entries: [string, string[]][] = [
    ['7-1', OURS],
    ['7-0', []],
    ['7-0', ['a', 'b']],
    ['7-0', OURS.slice(2)],
    ['7-0', [...OURS, 'x', 'y']],
    ['7-0', OURS.with(-1, 'soon')],
    ['7-0', OURS.with(-2, 'u')]
  ]
  for (const entry of entries) t.match(readEntry(entry, clock), { offset: 7, foreign: /other fields/ })
})
