/** Expressions on generated cases, against a naive model of what they mean (naiveExpressions.ts). */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { meets } from '../../src/services/dynamodb/conditions.ts'
import { type Condition, Placeholders } from '../../src/services/dynamodb/expressionParser.ts'
import { addNumbers, canonicalNumber, compareNumbers, orderedNumber } from '../../src/services/dynamodb/numbers.ts'
import { projected } from '../../src/services/dynamodb/projections.ts'
import { updated, updateFrom } from '../../src/services/dynamodb/updates.ts'
import { checkedItem, type Item } from '../../src/services/dynamodb/values.ts'
import { conditionFrom } from '../../src/services/dynamodb/writes.ts'
import * as naive from './naiveExpressions.ts'

/** Undefined where AWS refuses the expression: both operands one path, a bound of another type … */
function parsed(text: string, names: Record<string, string>, values: naive.WireItem): Condition | undefined {
  const given = <T extends object>(one: T) => (Object.keys(one).length > 0 ? one : undefined)
  const placeholders = new Placeholders(given(names), given(values) as Item | undefined, [text])
  try {
    return conditionFrom('FilterExpression', text, placeholders)
  } catch (error) {
    expect((error as Error).message).toMatch(
      /first operand must be distinct|Incorrect operand type|BETWEEN operator requires|redundant parentheses/,
    )
    return undefined
  }
}

test('a condition holds for an item exactly where its meaning says so', () => {
  let [compared, held] = [0, 0]
  fc.assert(
    fc.property(naive.item, naive.test, (item, condition) => {
      const { text, names, values } = naive.written(condition)
      const tree = parsed(text, names, values)
      if (!tree) return
      compared++
      const expected = naive.holds(item, condition)
      if (expected) held++
      expect(meets(checkedItem(item as Item), tree)).toBe(expected)
    }),
    { numRuns: 3000 },
  )
  // Else the cases would prove little.
  expect(compared).toBeGreaterThan(1000)
  expect(held).toBeGreaterThan(compared / 10)
})

test('numbers add, compare and sort as exact decimals do', () => {
  fc.assert(
    fc.property(naive.number, naive.number, (left, right) => {
      const [a, b] = [naive.scaled(left), naive.scaled(right)]
      const [one, other] = [canonicalNumber(left), canonicalNumber(right)]
      const order = a < b ? -1 : a > b ? 1 : 0
      expect(one).toBe(naive.spelled(a))
      expect(Math.sign(compareNumbers(one, other))).toBe(order)
      const [first, second] = [orderedNumber(one), orderedNumber(other)]
      expect(first < second ? -1 : first > second ? 1 : 0).toBe(order)
      expect(addNumbers(one, other, 1)).toBe(naive.spelled(a + b))
      expect(addNumbers(one, other, -1)).toBe(naive.spelled(a - b))
    }),
    { numRuns: 2000 },
  )
})

const sets = fc.uniqueArray(fc.constantFrom('p', 'q', 'r', 's'), { minLength: 1, maxLength: 4 })
const change = fc.record({
  set: naive.value,
  addend: naive.number,
  grown: sets,
  shrunk: sets,
  removed: fc.boolean(),
})

test('an update does to an item what its clauses say, all of them on the item as it was', () => {
  const before = fc.record({
    n: naive.number,
    set: sets,
    other: sets,
    list: fc.array(naive.value, { maxLength: 3 }),
    more: naive.item,
  })
  fc.assert(
    fc.property(before, change, ({ n, set, other, list, more }, wanted) => {
      const item: naive.WireItem = {
        ...more,
        ...{ n: { N: n }, set: { SS: set }, outra: { SS: other }, lista: { L: list } },
      }
      const text = [
        'SET nova = :v, copia = n, resta = n - :n, antes = if_not_exists(n, :v), feita = if_not_exists(falta, :v)',
        ', lista = list_append(lista, :l)',
        wanted.removed ? ' REMOVE a, b.c' : '',
        ' ADD n :n, #set :g DELETE outra :s',
      ].join('')
      const values = {
        ...{ ':v': wanted.set, ':n': { N: wanted.addend } },
        ...{ ':l': { L: [wanted.set] }, ':g': { SS: wanted.grown }, ':s': { SS: wanted.shrunk } },
      }
      const placeholders = new Placeholders({ '#set': 'set' }, values as never, [text])
      const hasHolder = 'M' in (item.b ?? {})
      const actions = updateFrom(hasHolder ? text : text.replace(', b.c', ''), placeholders)

      const after = updated(checkedItem(item as never), actions)

      const left = other.filter((one) => !wanted.shrunk.includes(one))
      const { outra: _gone, ...rest } = item
      const [a, b] = [naive.scaled(n), naive.scaled(wanted.addend)]
      const expected: naive.WireItem = {
        ...rest,
        ...(left.length > 0 && { outra: { SS: left } }),
        ...{ nova: wanted.set, feita: wanted.set, copia: { N: n }, antes: { N: n } },
        ...{ resta: { N: naive.spelled(a - b) }, n: { N: naive.spelled(a + b) } },
        ...{ lista: { L: [...list, wanted.set] }, set: { SS: [...new Set([...set, ...wanted.grown])] } },
      }
      if (wanted.removed) {
        delete expected.a
        if (hasHolder) {
          const { c: _c, ...members } = (item.b as { M: naive.WireItem }).M
          expected.b = { M: members }
        }
      }
      expect(naive.textOf({ M: after })).toBe(naive.textOf({ M: expected }))
    }),
    { numRuns: 500 },
  )
})

test('a projection has the paths that are there, and nothing else', () => {
  fc.assert(
    fc.property(naive.item, naive.path, (item, path) => {
      const found = naive.at(item, path)

      const result = projected(item as Item, [path])

      const inner = path.map((part) => (typeof part === 'number' ? 0 : part))
      if (found) expect(naive.textOf(naive.at(result as naive.WireItem, inner) as naive.Wire)).toBe(naive.textOf(found))
      else expect(result).toEqual({})
    }),
    { numRuns: 1000 },
  )
})
