/** Filter policies of SNS: attributes and bodies, and SNS's own limits. */
import { expect, test } from 'vitest'
import { filtersOverlap, keyPasses } from '../../src/engines/patterns/keyFilter.ts'
import { compileSnsFilter, type FilterScope, type MessageAttribute } from '../../src/engines/patterns/snsFilter.ts'

const attributes: Record<string, MessageAttribute> = {
  store: { dataType: 'String', stringValue: 'loja-123' },
  price: { dataType: 'Number', stringValue: '100.50' },
  tags: { dataType: 'String.Array', stringValue: '["new", 5, true, null]' },
  raw: { dataType: 'Binary' },
}

function passes(policy: object, scope: FilterScope = 'MessageAttributes', body = 'text'): boolean {
  return compileSnsFilter(JSON.stringify(policy), scope).matches({ body, attributes })
}

test.each([
  [{ store: ['loja-123'] }, true],
  [{ store: [{ prefix: 'loja-' }], price: [{ numeric: ['>', 100, '<=', 101] }] }, true],
  [{ price: [100.5] }, true],
  [{ price: ['100.50'] }, false],
  [{ tags: ['new'] }, true],
  [{ tags: [5] }, true],
  [{ tags: [{ 'anything-but': ['old'] }] }, true],
  [{ missing: [{ exists: false }] }, true],
  [{ raw: [{ exists: true }] }, false],
  [{ $or: [{ store: ['x'] }, { price: [{ numeric: ['=', 100.5] }] }] }, true],
])('attributes are judged by the policy %j', (policy, wanted) => {
  expect(passes(policy)).toBe(wanted)
})

test('a body is judged by its leaves, and a body that is no JSON object never passes', () => {
  const policy = { order: { total: [{ numeric: ['>', 10] }] } }

  expect(passes(policy, 'MessageBody', '{"order":{"total":11}}')).toBe(true)
  expect(passes(policy, 'MessageBody', '{"order":{"total":9}}')).toBe(false)
  expect(passes(policy, 'MessageBody', 'plain text')).toBe(false)
  expect(passes(policy, 'MessageBody', '[{"order":{"total":11}}]')).toBe(false)
  expect(passes(policy, 'MessageBody', `{"order":${'['.repeat(2_000)}${']'.repeat(2_000)}}`)).toBe(false)
})

test.each([
  ['MessageAttributes', { a: { b: ['x'] } }, /does not support nested filter policy/],
  ['MessageBody', { a: ['1'], b: ['1'], c: ['1'], d: ['1'], e: ['1'], f: ['1'] }, /can not have more than 5 keys/],
  ['MessageBody', { a: { b: Array(76).fill('x') } }, /Filter policy is too complex/],
  ['MessageBody', { a: [{ numeric: ['>', 2e9] }] }, /between -1.0E9 and 1.0E9/],
  ['MessageBody', { a: [{ nope: 1 }] }, /Unrecognized match type nope/],
] as const)('a policy beyond the limits of %s is refused: %j', (scope, policy, words) => {
  expect(() => compileSnsFilter(JSON.stringify(policy), scope)).toThrow(words)
})

test('keys pass by prefix and suffix, and filters that share a key overlap', () => {
  expect(keyPasses('in/a.csv', { prefix: 'in/', suffix: '.csv' })).toBe(true)
  expect(keyPasses('in/a.csv', { prefix: 'out/' })).toBe(false)
  expect(filtersOverlap({ prefix: 'in/' }, { prefix: 'in/a', suffix: '.csv' })).toBe(true)
  expect(filtersOverlap({ prefix: 'in/', suffix: '.csv' }, { prefix: 'in/', suffix: '.json' })).toBe(false)
})
