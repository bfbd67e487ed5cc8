/** What `explain` tells a person about a rule that did not fire. */
import { expect, test } from 'vitest'
import { explain } from '../../src/engines/patterns/explanation.ts'
import { compilePattern } from '../../src/engines/patterns/pattern.ts'

function explained(pattern: object, event: object) {
  return explain(compilePattern(JSON.stringify(pattern)), event)
}

test('a leaf that holds and one that is missing are told apart', () => {
  const explanation = explained({ source: ['aws.s3'], detail: { key: ['a'] } }, { source: 'aws.s3', detail: {} })

  expect(explanation.matched).toBe(false)
  expect(explanation.branches[0]?.failedAt).toBe('detail.key')
  expect(explanation.branches[0]?.leaves).toEqual([
    { path: 'detail.key', wanted: '["a"]', found: [], outcome: 'missing' },
    { path: 'source', wanted: '["aws.s3"]', found: ['"aws.s3"'], outcome: 'matched' },
  ])
})

test.each([
  [{ a: ['Raw'] }, { a: 'raw' }, '`a` is `raw`; `Raw` differs in case.'],
  [{ a: [{ wildcard: 'In/*.csv' }] }, { a: 'in/x.CSV' }, '`a` is `in/x.CSV`; wildcard `In/*.csv` differs in case.'],
  [{ a: ['in/'] }, { a: 'in/x' }, '`a` is `in/x`; `in/` is only how it begins.'],
  [{ a: [{ prefix: 'x.log' }] }, { a: 'in/x.log.1' }, '`a` is `in/x.log.1`; prefix `x.log` stands elsewhere in it.'],
  [{ a: ['reports'] }, { a: 'repotrs' }, '`a` is `repotrs`; `reports` differs in a letter or two.'],
  [{ a: [{ numeric: ['>', 10, '<', 20] }] }, { a: 25 }, '`a` is 25, above 20.'],
  [{ a: [{ numeric: ['>', 10] }] }, { a: 10 }, '`a` is 10, the very bound, which is left out.'],
  [{ source: ['x'] }, { sorce: 'x' }, 'The event has sorce: perhaps one of the two is misspelt.'],
  [{ a: [{ prefix: 'In/' }] }, { a: 'in/x' }, '`a` is `in/x`; prefix `In/` differs in case.'],
  [{ a: ['x'] }, { a: ' x ' }, '`a` is ` x `; `x` differs in outer spaces.'],
  [{ a: ['5'] }, { a: 5 }, 'The value is a number; the pattern wants a string.'],
  [{ a: [5] }, { a: '5' }, 'The value is a string that looks like a number; the pattern wants a number.'],
  [{ a: [{ exists: false }] }, { a: 1 }, 'The field is there, and must not be.'],
  [{ a: [{ 'anything-but': 'x' }] }, { a: 'x' }, 'The value is one of those that are ruled out.'],
  [{ Bucket: ['x'] }, { bucket: 'x' }, 'The event has bucket: names differ in case.'],
  [{ a: [1] }, { a: { b: 1 } }, 'The event has an object there; a pattern matches only its leaves.'],
  [{ bucket: ['x'] }, { detail: { bucket: 'x' } }, 'The event has detail.bucket.'],
])('a near miss is named: %j against %j', (pattern, event, hint) => {
  expect(explained(pattern, event).branches[0]?.leaves[0]?.hint).toBe(hint)
})

test('values that hold only in different array elements are named as such', () => {
  const explanation = explained({ a: { b: [1], c: [2] } }, { a: [{ b: 1 }, { c: 2 }] })

  expect(explanation.matched).toBe(false)
  expect(explanation.branches[0]?.leaves.map(({ outcome }) => outcome)).toEqual(['matched', 'other element'])
})

test('of the $or combinations the nearest comes first', () => {
  const explanation = explained({ $or: [{ a: [1], b: [1] }, { c: [1] }], d: [1] }, { a: 1, b: 2, c: 2, d: 1 })

  expect(explanation.branches[0]?.leaves.filter(({ outcome }) => outcome !== 'matched')).toHaveLength(1)
})
