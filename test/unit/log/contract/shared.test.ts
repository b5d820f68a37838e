import t from 'tap'
import type { StartedNode } from '../../../../lib/log/contract/harness.ts'
import { Recorder } from '../../../../lib/log/contract/recorder.ts'
import { read } from '../../../../lib/log/contract/shared.ts'

t.test('the entries of two nodes are compared without their times', async (t) => {
  const reader = new Recorder()
  reader.entry({ offset: 1, channel: 'a', data: '1', time: 5 })
  t.same(read({ reader } as unknown as StartedNode), [{ offset: 1, channel: 'a', data: '1' }])
})
