/** Matching: events in, names of rules out, beside event-ruler over the same events and rules. */
import { compilePattern } from '../src/engines/patterns/pattern.ts'
import { RuleSet } from '../src/engines/patterns/ruleSet.ts'
import { type Bank, banks, exactBank } from './patterns/banks.ts'
import { cityLots } from './patterns/lots.ts'
import { type BankResult, benchRuler } from './patterns/ruler.ts'
import { bench, type Figure, percentile } from './report.ts'

const eventsCount = 20_000
const measuredMillis = 1_000
const sliceEvents = 2_000

export const matching = bench('Event patterns: one thread, events of 900 bytes', async (report) => {
  const events = cityLots(eventsCount, 4)
  const theirs = benchRuler(banks, events, measuredMillis)
  const ratios: number[] = []
  for (const [at, bank] of banks.entries()) {
    const mine = measure(bank, events)
    const reference = theirs?.[at]
    if (reference) {
      mustAgree(bank, mine, reference)
      ratios.push(mine.eventsPerSecond / reference.eventsPerSecond)
    }
    report(figure(bank.name, mine, reference))
  }
  if (theirs) report(geometricMean(ratios))
})

export const manyRules = bench('Event patterns: many exact rules, and rules that come and go', async (report) => {
  const events = cityLots(eventsCount, 4)
  const five = measure(banks[0] as Bank, events)
  for (const count of [1_000, 10_000]) {
    const { eventsPerSecond } = measure(exactBank(count), events)
    const reference = { what: 'five exact rules', value: five.eventsPerSecond }
    report({
      what: `${count.toLocaleString('en-US')} exact rules`,
      value: eventsPerSecond,
      unit: 'events/s',
      reference,
      goal: '≥ 0.7 x',
    })
  }
  report(changeLatency(events))
})

function measure(bank: Bank, events: string[]): BankResult {
  const rules = ruleSetOf(bank)
  const matches = new Array<number>(bank.rules.length).fill(0)
  for (const event of events) {
    for (const name of rules.match(event)) matches[Number(name)] = (matches[Number(name)] as number) + 1
  }
  return { eventsPerSecond: bestRate(rules, events), matches }
}

function ruleSetOf(bank: Bank): RuleSet {
  const rules = new RuleSet()
  for (const [at, rule] of bank.rules.entries()) rules.add(String(at), compilePattern(rule))
  return rules
}

/** The best slice: what else runs on the machine must not count. */
function bestRate(rules: RuleSet, events: string[]): number {
  const start = performance.now()
  const measuredFrom = start + measuredMillis
  let [at, best] = [0, 0]
  for (;;) {
    const before = performance.now()
    if (before > measuredFrom + measuredMillis) return best
    for (let count = 0; count < sliceEvents; count++) {
      rules.match(events[at] as string)
      at = (at + 1) % events.length
    }
    if (before >= measuredFrom) best = Math.max(best, (sliceEvents * 1000) / (performance.now() - before))
  }
}

function mustAgree(bank: Bank, mine: BankResult, theirs: BankResult): void {
  if (String(mine.matches) === String(theirs.matches)) return
  throw new Error(`${bank.name}: we matched ${mine.matches.join()}, event-ruler ${theirs.matches.join()}`)
}

function figure(what: string, mine: BankResult, theirs?: BankResult): Figure {
  const reference = theirs && { what: 'event-ruler', value: theirs.eventsPerSecond }
  return { what, value: mine.eventsPerSecond, unit: 'events/s', ...(reference && { reference, goal: '≥ 4 x' }) }
}

function geometricMean(ratios: number[]): Figure {
  const mean = Math.exp(ratios.reduce((sum, ratio) => sum + Math.log(ratio), 0) / ratios.length)
  return { what: 'geometric mean of the ratios', value: mean, unit: 'x', goal: '≥ 5 ' }
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
