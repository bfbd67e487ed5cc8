/**
 * Statistics by AWS's names: the five simple ones, percentiles (`p99.9`), trimmed and winsorized means, trimmed counts
 * and sums, percentile ranks and the interquartile mean.
 * Names and bounds: docs.aws.amazon.com, Amazon CloudWatch User Guide, "CloudWatch statistics definitions".
 */
import type { Distribution } from './distributions.ts'

export type Statistic =
  | { kind: 'simple'; name: SimpleStatistic }
  | { kind: 'percentile'; percent: number }
  | { kind: 'trimmed'; of: Trimmed; from: Bound | undefined; to: Bound | undefined }

export type SimpleStatistic = 'SampleCount' | 'Average' | 'Sum' | 'Minimum' | 'Maximum'
/** Mean, winsorized mean, count, sum, and the part in percent. */
type Trimmed = 'TM' | 'WM' | 'TC' | 'TS' | 'PR'
type Bound = { percent: number } | { value: number }

const simple = new Set<string>(['SampleCount', 'Average', 'Sum', 'Minimum', 'Maximum'])
const short = /^(p|tm|wm|tc|ts)(\d{1,2}(?:\.\d{0,10})?|100)$/i
const long = /^(TM|WM|TC|TS|PR)\(([^:()]*):([^:()]*)\)$/i

/** Undefined where AWS has no statistic of this name. */
export function parseStatistic(text: string): Statistic | undefined {
  if (simple.has(text)) return { kind: 'simple', name: text as SimpleStatistic }
  if (text.toUpperCase() === 'IQM') return { kind: 'trimmed', of: 'TM', from: { percent: 25 }, to: { percent: 75 } }
  const named = short.exec(text)
  if (named) {
    const percent = Number(named[2])
    if ((named[1] as string).toLowerCase() === 'p') return { kind: 'percentile', percent }
    return { kind: 'trimmed', of: (named[1] as string).toUpperCase() as Trimmed, from: undefined, to: { percent } }
  }
  const ranged = long.exec(text)
  if (!ranged) return undefined
  const of = (ranged[1] as string).toUpperCase() as Trimmed
  const from = boundIn(ranged[2] as string)
  const to = boundIn(ranged[3] as string)
  if (from === 'wrong' || to === 'wrong' || (!from && !to)) return undefined
  const kinds = [from, to].flatMap((bound) => (bound ? ['percent' in bound] : []))
  if (kinds.length === 2 && kinds[0] !== kinds[1]) return undefined
  if (of === 'PR' && kinds.includes(true)) return undefined
  return { kind: 'trimmed', of, from, to }
}

function boundIn(text: string): Bound | undefined | 'wrong' {
  if (text === '') return undefined
  const match = /^(\d+(?:\.\d*)?(?:[Ee][+-]?\d+)?)(%?)$/.exec(text)
  if (!match) return 'wrong'
  const number = Number(match[1])
  if (match[2] !== '%') return { value: number }
  return number <= 100 ? { percent: number } : 'wrong'
}

/** Whether it takes the values themselves. */
export function needsValues(statistic: Statistic): boolean {
  return statistic.kind !== 'simple'
}

/** Undefined where the values are not known, or none lies within the bounds. */
export function statisticOf(statistic: Statistic, distribution: Distribution): number | undefined {
  if (statistic.kind === 'simple') return simpleOf(statistic.name, distribution)
  const { values, counts, count } = distribution
  if (!values || !counts) return undefined
  if (statistic.kind === 'percentile') return valueAt(values, counts, rankOf(statistic.percent, count))
  return trimmedOf(statistic, { values, counts, count })
}

function simpleOf(name: SimpleStatistic, { count, sum, min, max }: Distribution): number {
  if (name === 'SampleCount') return count
  if (name === 'Sum') return sum
  if (name === 'Average') return sum / count
  return name === 'Minimum' ? min : max
}

/** The least rank at or below which so many percent of the samples lie. */
function rankOf(percent: number, count: number): number {
  // What 100 * 0.07 should be: no fraction that only the binary system sees.
  return Math.max(1, Math.ceil(Number(((percent / 100) * count).toFixed(9))))
}

function valueAt(values: readonly number[], counts: readonly number[], rank: number): number {
  let passed = 0
  for (const [index, value] of values.entries()) {
    passed += counts[index] as number
    if (passed >= rank) return value
  }
  return values[values.length - 1] as number
}

interface Samples {
  values: readonly number[]
  counts: readonly number[]
  count: number
}

function trimmedOf({ of, from, to }: Extract<Statistic, { kind: 'trimmed' }>, samples: Samples): number | undefined {
  if (of === 'WM') return winsorized(samples, from, to)
  const { count, sum } = within(samples, from, to)
  if (of === 'TC') return count
  if (of === 'TS') return sum
  if (of === 'PR') return (count / samples.count) * 100
  return count === 0 ? undefined : sum / count
}

/** The lower bound is not part of it, the upper one is. */
function within(samples: Samples, from: Bound | undefined, to: Bound | undefined): { count: number; sum: number } {
  const total = samples.count
  const first = from && 'percent' in from ? Math.floor((from.percent / 100) * total) : 0
  const last = to && 'percent' in to ? rankOf(to.percent, total) : total
  const above = from && 'value' in from ? from.value : Number.NEGATIVE_INFINITY
  const upTo = to && 'value' in to ? to.value : Number.POSITIVE_INFINITY
  let [count, sum, passed] = [0, 0, 0]
  for (const [index, value] of samples.values.entries()) {
    const here = samples.counts[index] as number
    const taken = Math.max(0, Math.min(passed + here, last) - Math.max(passed, first))
    passed += here
    if (value <= above || value > upTo) continue
    count += taken
    sum += value * taken
  }
  return { count, sum }
}

/** What lies outside counts as the bound itself. */
function winsorized(samples: Samples, from: Bound | undefined, to: Bound | undefined): number {
  const { values, counts, count } = samples
  const edge = (bound: Bound) =>
    'value' in bound ? bound.value : valueAt(values, counts, rankOf(bound.percent, count))
  const low = from ? edge(from) : Number.NEGATIVE_INFINITY
  const high = to ? edge(to) : Number.POSITIVE_INFINITY
  const clamped = (value: number) => Math.min(Math.max(value, low), high)
  return values.reduce((sum, value, index) => sum + clamped(value) * (counts[index] as number), 0) / count
}
