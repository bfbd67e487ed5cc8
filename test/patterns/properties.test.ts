/** The engine against the reference matcher, and the rule set against the single pattern, on seeded random pairs. */
import { expect, test } from 'vitest'
import { compilePattern, type Pattern } from '../../src/engines/patterns/pattern.ts'
import { RuleSet } from '../../src/engines/patterns/ruleSet.ts'
import { Chance, type Pair, randomPair } from './randomPairs.ts'
import { referenceMatches } from './referenceMatcher.ts'

const pairsCompared = 20_000

// What only event-ruler decides (a block compared with another family's address or a number's text, keys mentioned
// twice, digits beyond a double) is held by the recorded vectors instead.
function isPlain({ pattern, event }: Pair): boolean {
  return !/cidr|::1|\d{16}/.test(pattern + event) && !hasRepeatedKeys(pattern) && !hasRepeatedKeys(event)
}

function hasRepeatedKeys(json: string): boolean {
  let entries = 0
  JSON.parse(json, (_key, value) => {
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) entries += Object.keys(value).length
    return value
  })
  return entries !== (json.match(/":/g) ?? []).length
}

test('20,000 random patterns match the events that the reference matcher says, and no others', () => {
  const chance = new Chance(20_251)
  let compared = 0
  let matched = 0
  while (compared < pairsCompared) {
    const pair = randomPair(chance)
    if (!isPlain(pair)) continue
    compared++
    const wanted = referenceMatches(pair.pattern, pair.event)
    if (wanted) matched++
    if (compilePattern(pair.pattern).matches(pair.event) !== wanted) {
      expect.fail(`${pair.pattern} should ${wanted ? '' : 'not '}match ${pair.event}`)
    }
  }
  expect(matched).toBeGreaterThan(pairsCompared / 20)
})

test('a rule set names exactly the rules whose patterns match, while rules come and go', () => {
  const chance = new Chance(7)
  const rules = new RuleSet()
  const patterns = new Map<string, Pattern>()
  for (let round = 0; round < 800; round++) {
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
})
