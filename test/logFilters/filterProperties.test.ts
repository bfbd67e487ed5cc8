/** The engine against a naive interpreter, on seeded random patterns and messages. */
import { expect, test } from 'vitest'
import { compileLogFilter } from '../../src/engines/logFilters/logFilter.ts'
import { EventBody, encodeEvents } from '../../src/services/cloudwatch-logs/eventBodies.ts'
import {
  Chance,
  fieldsHold,
  fieldsText,
  randomFields,
  randomJson,
  randomTree,
  treeHolds,
  treeText,
} from './naiveFilter.ts'

test('20,000 random JSON filters pass the messages that the naive interpreter says', () => {
  const chance = new Chance(2_025)
  let passed = 0
  for (let round = 0; round < 20_000; round++) {
    const [tree, root] = [
      randomTree(chance),
      { a: randomJson(chance), level: randomJson(chance), b: randomJson(chance) },
    ]
    const pattern = `{ ${treeText(tree)} }`
    if (pattern.length > 1_024) continue
    const message = written(chance, root)
    const wanted = treeHolds(tree, root)
    if (compileLogFilter(pattern).passes(message) !== wanted) expect({ pattern, message }).toBe(wanted)
    if (wanted) passed++
  }
  expect(passed).toBeGreaterThan(1_500)
})

test('20,000 random field filters pass the messages that the naive interpreter says', () => {
  const chance = new Chance(1_020)
  let passed = 0
  for (let round = 0; round < 20_000; round++) {
    const parts = randomFields(chance)
    const values = chance.some(5, () => chance.of(['ERROR', '404', '400', 'x', '-2.5', 'axb', '1']))
    const [pattern, wanted] = [fieldsText(parts), fieldsHold(parts, values)]
    if (compileLogFilter(pattern).passes(values.join(' ')) !== wanted) expect({ pattern, values }).toBe(wanted)
    if (wanted) passed++
  }
  expect(passed).toBeGreaterThan(2_000)
})

test('messages that lack every text a filter looks for never pass it, and a batch names those that have one', () => {
  const chance = new Chance(77)
  for (let round = 0; round < 2_000; round++) {
    const filter = compileLogFilter(
      chance.of([`{ ${treeText(randomTree(chance, 2))} }`, 'ERROR', '?E ?é', '"x y"', '[f, ..., g = *RR*]']),
    )
    const messages = Array.from({ length: 30 }, () =>
      chance.of([written(chance, { a: randomJson(chance) }), 'é ERROR', 'x yE', '']),
    )
    const passing = messages.flatMap((message, index) => (filter.passes(message) ? [index] : []))
    const body = new EventBody(encodeEvents(messages.map((message, index) => [index, message])))
    const named = filter.anyOf ? [...body.having(filter.anyOf)] : messages.map((_, index) => index)

    expect(messages.map((_, index) => body.message(index))).toEqual(messages)
    expect(named.filter((index) => filter.passes(body.message(index)))).toEqual(passing)
  }
})

/** JSON as different programs write it: with blanks, with characters as codes. */
function written(chance: Chance, value: unknown): string {
  const text = JSON.stringify(value, undefined, chance.of([0, 0, 1]))
  return chance.below(4)
    ? text
    : text.replace(/[Eé](?=[^"]*"[,}\s\]])/g, (found) => `\\u${found.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
