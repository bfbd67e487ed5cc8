/** A detail is taken over by slices where that is what reading and writing it would give; here both are compared. */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readJson, writeJson } from '../../src/engines/patterns/jsonText.ts'
import { compactDetail } from '../../src/services/eventbridge/details.ts'

test.each([
  ['white space between', '{ "a" : [ 1 ,\n\t2 ] , "b" : "x y" }', '{"a":[1,2],"b":"x y"}'],
  [
    'quotes and backslashes in texts',
    String.raw`{ "a\"  b": "c\\", "d" : "\\\" " }`,
    String.raw`{"a\"  b":"c\\","d":"\\\" "}`,
  ],
  [
    'numbers as they were written',
    '{"a": 1.0, "b": 1e2, "c": 12345678901234567890}',
    '{"a":1.0,"b":1e2,"c":12345678901234567890}',
  ],
  ['repeated keys', '{"a": 1, "a": 2}', '{"a":1,"a":2}'],
  ['long escapes', String.raw`{"a": "\u00e9\/"}`, '{"a":"é/"}'],
  ['half a surrogate pair', '{"a": "\ud800"}', String.raw`{"a":"\ud800"}`],
])('a detail keeps %s', (_, text, compact) => {
  expect(compactDetail(text)).toBe(compact)
})

test.each(['', '[]', '"a"', '1', 'null', '{', '{"a":1} x', '{"a":01}', `{"a":${'['.repeat(2000)}${']'.repeat(2000)}}`])(
  'what is no object that an event can hold is refused: %.20s',
  (text) => {
    expect(compactDetail(text)).toBeUndefined()
  },
)

test('taken over or written anew, a detail is the same text', () => {
  const spaces = fc.constantFrom('', '', ' ', '\n  ')
  const details = fc.dictionary(fc.string({ unit: 'binary' }), fc.jsonValue({ stringUnit: 'binary' }))
  fc.assert(
    fc.property(details, spaces, spaces, (detail, indent, after) => {
      const text = JSON.stringify(detail, undefined, indent) + after

      expect(compactDetail(text)).toBe(writeJson(readJson(text)))
    }),
  )
})
