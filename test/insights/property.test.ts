/** Generated queries over generated events: the compiled query answers as the naive interpreter does. */
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { Harness } from './harness.ts'
import { type Condition, type Core, type Field, interpreted, queryText } from './naive.ts'

const harness = new Harness()
afterAll(() => harness.close())

const field = fc.constantFrom<Field>('a', 'b', 'c')
const word = fc.constantFrom('ERROR', 'INFO', 'x', 'error text', 'água', 'a"b'.replace('"', '-'))
const number = fc.integer({ min: -3, max: 12 })
const literal = fc.oneof(word, number, number.map(String))
const value = fc.oneof(word, number, number.map(String), fc.boolean(), fc.constant(2.5))
const event = fc.record({ a: value, b: value, c: value }, { requiredKeys: [] })

const { condition } = fc.letrec<{ condition: Condition }>((tie) => ({
  condition: fc.oneof(
    { maxDepth: 3, depthIdentifier: 'condition' },
    fc.record({
      kind: fc.constant('compare' as const),
      field,
      operator: fc.constantFrom('=', '!=', '<', '<=', '>', '>='),
      value: literal,
    }),
    fc.record({
      kind: fc.constant('fields' as const),
      field,
      operator: fc.constantFrom('=', '!=', '<', '>='),
      other: field,
    }),
    fc.record({
      kind: fc.constant('like' as const),
      field,
      text: fc.constantFrom('ERR', 'x', '1', ''),
      isNegated: fc.boolean(),
    }),
    fc.record({
      kind: fc.constant('in' as const),
      field,
      values: fc.array(literal, { minLength: 1, maxLength: 3 }),
      isNegated: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('present' as const), field }),
    fc.record({ kind: fc.constant('not' as const), inner: tie('condition') }),
    fc.record({ kind: fc.constantFrom('and', 'or'), left: tie('condition'), right: tie('condition') }),
  ) as fc.Arbitrary<Condition>,
}))

const core: fc.Arbitrary<Core> = fc
  .record({
    filter: condition,
    by: fc.option(field, { nil: undefined }),
    sort: field,
    isDescending: fc.boolean(),
    limit: fc.integer({ min: 1, max: 8 }),
  })
  .map(({ by, ...rest }) => ({ ...rest, ...(by !== undefined && { by }) }))

test('a compiled query answers as the naive interpreter does', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(core, fc.array(event, { maxLength: 20 }), async (query, events) => {
      const { rows } = await harness.run(queryText(query), events)
      expect(rows, queryText(query)).toEqual(interpreted(query, events))
    }),
    { numRuns: 120 },
  )
})
