/**
 * Random patterns and events through the reference matcher and both ways of the engine:
 * `npx tsx test/patterns/compareMany.ts 1000000 SEED` compares as many as you like.
 */
import { fileURLToPath } from 'node:url'
import { compilePattern } from '../../src/engines/patterns/pattern.ts'
import { RuleSet } from '../../src/engines/patterns/ruleSet.ts'
import { Chance, type Pair, randomPair } from './randomPairs.ts'
import { referenceMatches } from './referenceMatcher.ts'

export interface Comparison {
  compared: number
  matched: number
  /** The first pair on which not all agree, and who said what. */
  difference?: string
}

export function comparePairs(count: number, seed: number): Comparison {
  const chance = new Chance(seed)
  const ways = { scanned: new RuleSet(), plain: new RuleSet({ plain: true }) }
  const result: Comparison = { compared: 0, matched: 0 }
  while (result.compared < count) {
    const pair = randomPair(chance)
    if (!isPlain(pair)) continue
    result.compared++
    const wanted = referenceMatches(pair.pattern, pair.event)
    if (wanted) result.matched++
    const given = answers(pair, ways)
    if (Object.values(given).every((answer) => answer === wanted)) continue
    result.difference = `${pair.pattern} should ${wanted ? '' : 'not '}match ${pair.event}: ${JSON.stringify(given)}`
    return result
  }
  return result
}

function answers({ pattern, event }: Pair, ways: Record<string, RuleSet>): Record<string, boolean> {
  const compiled = compilePattern(pattern)
  const given: Record<string, boolean> = { alone: compiled.matches(event) }
  for (const [way, rules] of Object.entries(ways)) {
    rules.add('rule', compiled)
    given[way] = rules.match(event).length === 1
    given[`${way}, as bytes`] = rules.match(Buffer.from(event)).length === 1
    rules.remove('rule')
  }
  return given
}

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

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '20000', seed = '1'] = process.argv.slice(2)
  const { compared, matched, difference } = comparePairs(Number(count), Number(seed))
  console.log(difference ?? `${compared} pairs, ${matched} of them matches: all agree`)
  process.exitCode = difference ? 1 : 0
}
