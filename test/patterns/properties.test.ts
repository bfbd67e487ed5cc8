/** The engine's ways against the reference matcher, and the rule set against the single pattern, on seeded random pairs. */
import { expect, test } from 'vitest'
import { compilePattern, type Pattern } from '../../src/engines/patterns/pattern.ts'
import { RuleSet } from '../../src/engines/patterns/ruleSet.ts'
import { comparePairs } from './compareMany.ts'
import { Chance, randomPair } from './randomPairs.ts'

test('20,000 random patterns match the events that the reference matcher says, with WebAssembly and without', () => {
  const { compared, matched, difference } = comparePairs(20_000, 20_251)

  expect(difference).toBeUndefined()
  expect(compared).toBe(20_000)
  expect(matched).toBeGreaterThan(compared / 20)
}, 300_000)

test.each([{ plain: false }, { plain: true }])(
  'a rule set names exactly the rules whose patterns match, while rules come and go (%j)',
  (settings) => {
    const chance = new Chance(7)
    const rules = new RuleSet(settings)
    const patterns = new Map<string, Pattern>()
    for (let round = 0; round < 2_000; round++) {
      const { pattern, event } = randomPair(chance)
      const name = `rule-${chance.below(60)}`
      const compiled = compilePattern(pattern)
      rules.add(name, compiled)
      patterns.set(name, compiled)
      const gone = `rule-${chance.below(60)}`
      rules.remove(gone)
      patterns.delete(gone)

      const wanted = [...patterns].filter(([, each]) => each.matches(event)).map(([each]) => each)
      expect(rules.match(event).sort()).toEqual(wanted.sort())
    }
  },
  300_000,
)
