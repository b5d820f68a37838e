import fc from 'fast-check'
import t from 'tap'
import { escape } from '../../../lib/transports/escape.ts'
import { property } from '../../fixtures/property.ts'

t.test('an escaped character is itself again once JSON is parsed', async (t) => {
  t.equal(escape('<'), '\\u003c')
  t.equal(escape('\u2028'), '\\u2028')
  await property(t, fc.integer({ min: 0, max: 0xffff }).map((code) => String.fromCharCode(code)), (character) => {
    return JSON.parse(`"${escape(character)}"`) === character && /^\\u[\da-f]{4}$/.test(escape(character))
  })
})
