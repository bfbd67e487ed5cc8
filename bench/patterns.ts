/** Matching: events in, names of rules out, beside event-ruler over the same events and rules. */
import { compilePattern } from '../src/engines/patterns/pattern.ts'
import { RuleSet, type RuleSetSettings } from '../src/engines/patterns/ruleSet.ts'
import { type Bank, banks, exactBank } from './patterns/banks.ts'
import { cityLots } from './patterns/lots.ts'
import { Rulers } from './patterns/ruler.ts'
import { bench, type Figure, percentile } from './report.ts'

const eventsCount = 20_000
/** All take turns, so that what else the machine does meets all alike; of each the best slice counts. */
const rounds = 8
const turnMillis = 150
const sliceEvents = 1_000

interface Way {
  name: string
  settings: RuleSetSettings
  goals: { each: string; mean: string }
}

const ways: Way[] = [
  { name: '', settings: {}, goals: { each: '≥ 4 x', mean: '≥ 5 ' } },
  { name: ', without WebAssembly', settings: { plain: true }, goals: { each: '≥ 2 x', mean: '≥ 3 ' } },
]

export const matching = bench('Event patterns: one thread, events of 900 bytes', async (report) => {
  const events = cityLots(eventsCount, 4)
  const rulers = await Rulers.start(banks, events)
  const ratios = new Map<Way, number[]>(ways.map((way) => [way, []]))
  for (const [at, bank] of banks.entries()) {
    const ours = ways.map(({ settings }) => new Runner(bank, events, settings))
    if (rulers) for (const each of ours) mustAgree(bank, each.matches(), rulers.matches(at))
    let theirs = 0
    for (let round = 0; round < rounds; round++) {
      if (rulers) theirs = Math.max(theirs, await rulers.turn(at, turnMillis))
      for (const each of ours) each.turn()
    }
    for (const [index, way] of ways.entries()) {
      const value = (ours[index] as Runner).best
      ratios.get(way)?.push(value / theirs)
      const reference = { what: 'event-ruler', value: theirs }
      report({
        what: `${bank.name}${way.name}`,
        value,
        unit: 'events/s',
        ...(rulers && { reference, goal: way.goals.each }),
      })
    }
  }
  await rulers?.stop()
  if (!rulers) return
  for (const [way, each] of ratios) {
    const mean = Math.exp(each.reduce((sum, ratio) => sum + Math.log(ratio), 0) / each.length)
    report({ what: `geometric mean of the ratios${way.name}`, value: mean, unit: 'x', goal: way.goals.mean })
  }
})

export const manyRules = bench('Event patterns: many exact rules, and rules that come and go', async (report) => {
  const events = cityLots(eventsCount, 4)
  const counts = [1_000, 10_000]
  const five = new Runner(banks[0] as Bank, events)
  const many = counts.map((count) => new Runner(exactBank(count), events))
  for (let round = 0; round < rounds; round++) for (const each of [five, ...many]) each.turn()
  for (const [index, count] of counts.entries()) {
    report({
      what: `${count.toLocaleString('en-US')} exact rules`,
      value: (many[index] as Runner).best,
      unit: 'events/s',
      reference: { what: 'five exact rules', value: five.best },
      goal: '≥ 0.7 x',
    })
  }
  report(changeLatency(events))
})

/** One bank's rules and the events, a turn at a time. */
class Runner {
  best = 0
  readonly #bank: Bank
  readonly #rules: RuleSet
  readonly #events: string[]
  #at = 0

  constructor(bank: Bank, events: string[], settings: RuleSetSettings = {}) {
    this.#bank = bank
    this.#rules = ruleSetOf(bank, settings)
    this.#events = events
  }

  /** How often each rule matches. */
  matches(): number[] {
    const matches = new Array<number>(this.#bank.rules.length).fill(0)
    for (const event of this.#events) {
      for (const name of this.#rules.match(event)) matches[Number(name)] = (matches[Number(name)] as number) + 1
    }
    return matches
  }

  /**
   * Keeps the best slice by the time that this process had a processor: what else runs on the machine must not count.
   * Theirs is their thread's alone, so our collector counts and theirs does not.
   */
  turn(): void {
    const until = performance.now() + turnMillis
    while (performance.now() < until) {
      const before = cpuMicros()
      for (let count = 0; count < sliceEvents; count++) {
        this.#rules.match(this.#events[this.#at] as string)
        this.#at = (this.#at + 1) % this.#events.length
      }
      this.best = Math.max(this.best, (sliceEvents * 1e6) / (cpuMicros() - before))
    }
  }
}

function ruleSetOf(bank: Bank, settings: RuleSetSettings = {}): RuleSet {
  const rules = new RuleSet(settings)
  for (const [at, rule] of bank.rules.entries()) rules.add(String(at), compilePattern(rule))
  return rules
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function mustAgree(bank: Bank, mine: number[], theirs: number[]): void {
  if (String(mine) === String(theirs)) return
  throw new Error(`${bank.name}: we matched ${mine.join()}, event-ruler ${theirs.join()}`)
}

/** Adding or removing one rule among 10,000, and the first match after it, which does what was put off. */
function changeLatency(events: string[]): Figure {
  const bank = exactBank(10_000)
  const rules = ruleSetOf(bank)
  const took: number[] = []
  for (let change = 0; change < 500; change++) {
    const name = String(change)
    const start = performance.now()
    rules.remove(name)
    rules.match(events[change] as string)
    rules.add(name, compilePattern(bank.rules[change + 500] as string))
    rules.match(events[change + 500] as string)
    took.push((performance.now() - start) / 2)
  }
  return { what: 'one rule of 10,000 changes, p99', value: percentile(took, 0.99), unit: 'ms', goal: '≤ 1 ms' }
}
