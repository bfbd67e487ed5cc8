/**
 * Random sets of rules and events through the reference matcher and all ways of the engine:
 * `npx tsx test/patterns/compareMany.ts 1000000 SEED` compares as many as you like, in runs of ten thousand that have a
 * seed each, so that what fails is replayed alone by the seed that is printed.
 */
import { fileURLToPath } from 'node:url'
import { compilePattern, type Pattern } from '../../src/engines/patterns/pattern.ts'
import { RuleSet } from '../../src/engines/patterns/ruleSet.ts'
import { Chance, type Pair, randomPair } from './randomPairs.ts'
import { referenceMatcher } from './referenceMatcher.ts'

const rulesTogether = 4
const pairsOfOneSeed = 10_000

export interface Comparison {
  compared: number
  /** Of the events, those that their own rule matches. */
  matched: number
  /** The first event on which not all agree, and who said what. */
  difference?: string
}

interface Rule {
  name: string
  pattern: string
  compiled: Pattern
}

/** Each event is held against the rule that was made with it and the few before: one comes and one goes each time. */
export function comparePairs(count: number, seed: number): Comparison {
  const chance = new Chance(seed)
  const ways = { scanned: new RuleSet(), plain: new RuleSet({ plain: true }) }
  const rules: Rule[] = []
  const result: Comparison = { compared: 0, matched: 0 }
  while (result.compared < count) {
    const pair = randomPair(chance)
    if (!isPlain(pair)) continue
    const added = { name: String(result.compared++), pattern: pair.pattern, compiled: compilePattern(pair.pattern) }
    rules.push(added)
    const gone = rules.length > rulesTogether ? rules.shift() : undefined
    for (const set of Object.values(ways)) {
      set.add(added.name, added.compiled)
      if (gone) set.remove(gone.name)
    }
    const isMatch = referenceMatcher(pair.event)
    const wanted = rules.filter(({ pattern }) => isMatch(pattern)).map(({ name }) => name)
    if (wanted.includes(added.name)) result.matched++
    const given = answers(pair.event, rules, ways)
    if (Object.values(given).every((names) => String(names) === String(wanted))) continue
    const asked = rules.map(({ name, pattern }) => `${name}: ${pattern}`).join('\n')
    result.difference = `${asked}\n${pair.event}\nshould be matched by [${wanted}]: ${JSON.stringify(given)}`
    return result
  }
  return result
}

/** The names of the rules that match, by each way of the engine. */
function answers(event: string, rules: Rule[], ways: Record<string, RuleSet>): Record<string, string[]> {
  const given: Record<string, string[]> = {
    alone: rules.filter(({ compiled }) => compiled.matches(event)).map(({ name }) => name),
  }
  for (const [way, set] of Object.entries(ways)) {
    given[way] = inOrder(set.match(event))
    given[`${way}, as bytes`] = inOrder(set.match(Buffer.from(event)))
  }
  return given
}

function inOrder(names: string[]): string[] {
  return names.sort((left, right) => Number(left) - Number(right))
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

/** Runs with a seed each, until one differs. */
function compareMany(count: number, firstSeed: number): void {
  let compared = 0
  let matched = 0
  for (let seed = firstSeed; compared < count; seed++) {
    const run = comparePairs(Math.min(pairsOfOneSeed, count - compared), seed)
    compared += run.compared
    matched += run.matched
    if (run.difference) {
      console.log(`Pair ${run.compared} of seed ${seed}:\n${run.difference}`)
      process.exitCode = 1
      return
    }
    if (compared % (10 * pairsOfOneSeed) === 0) console.log(`${compared} pairs up to seed ${seed}: all agree`)
  }
  console.log(`${compared} pairs from seed ${firstSeed} on, ${matched} of them matches: all agree`)
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [count = '20000', seed = '1'] = process.argv.slice(2)
  compareMany(Number(count), Number(seed))
}
