/**
 * What was measured within one period: how often, how much in all, and each value with how often it came, so that
 * percentiles are those of the values themselves. Beyond a bound of different values, near ones become one (within 0.5 %).
 */
export interface Distribution {
  count: number
  sum: number
  min: number
  max: number
  /** Ascending. Absent where a statistic set told only of the sums: then no percentile is known. */
  values?: number[]
  /** As long as `values`. */
  counts?: number[]
}

/** Different values kept as they are. */
export const valuesMax = 1_000
/** Values whose logarithms to this base round to one number become one. */
const nearness = 1.01

export function distributionOf(values: readonly number[], counts?: readonly number[]): Distribution | undefined {
  if (values.length === 1) return distributionOfOne(values[0] as number, counts?.[0] ?? 1)
  const weights = new Map<number, number>()
  for (const [index, value] of values.entries()) {
    const count = counts?.[index] ?? 1
    if (count > 0) weights.set(value, (weights.get(value) ?? 0) + count)
  }
  if (weights.size === 0) return undefined
  const sorted = [...weights.keys()].sort((a, b) => a - b)
  const weightOf = (value: number) => weights.get(value) as number
  return bounded({
    count: sorted.reduce((sum, value) => sum + weightOf(value), 0),
    sum: sorted.reduce((sum, value) => sum + value * weightOf(value), 0),
    min: sorted[0] as number,
    max: sorted[sorted.length - 1] as number,
    values: sorted,
    counts: sorted.map(weightOf),
  })
}

function distributionOfOne(value: number, count: number): Distribution | undefined {
  if (count <= 0) return undefined
  return { count, sum: value * count, min: value, max: value, values: [value], counts: [count] }
}

export interface StatisticSet {
  sampleCount: number
  sum: number
  minimum: number
  maximum: number
}

/** Where all samples are one value it is known; AWS gives percentiles then, and only then. */
export function distributionOfSet({ sampleCount, sum, minimum, maximum }: StatisticSet): Distribution {
  const base = { count: sampleCount, sum, min: minimum, max: maximum }
  const isOneValue = sampleCount === 1 || minimum === maximum
  return isOneValue ? { ...base, values: [minimum], counts: [sampleCount] } : base
}

/** Of both together. `withValues: false` where no percentile is asked for. */
export function merged(a: Distribution | undefined, b: Distribution, withValues = true): Distribution {
  if (!a) return b
  const count = a.count + b.count
  const sum = a.sum + b.sum
  const min = Math.min(a.min, b.min)
  const max = Math.max(a.max, b.max)
  if (!withValues || !a.values || !b.values) return { count, sum, min, max }
  const { values, counts } = mergedValues(a as Valued, b as Valued)
  return bounded({ count, sum, min, max, values, counts })
}

type Valued = Distribution & { values: number[]; counts: number[] }

function mergedValues(a: Valued, b: Valued): { values: number[]; counts: number[] } {
  if (b.values.length === 1) return withValue(a, b.values[0] as number, b.counts[0] as number)
  const values: number[] = []
  const counts: number[] = []
  let [left, right] = [0, 0]
  while (left < a.values.length || right < b.values.length) {
    const one = a.values[left] ?? Number.POSITIVE_INFINITY
    const other = b.values[right] ?? Number.POSITIVE_INFINITY
    values.push(Math.min(one, other))
    counts.push((one <= other ? (a.counts[left++] as number) : 0) + (other <= one ? (b.counts[right++] as number) : 0))
  }
  return { values, counts }
}

/** What comes most often is one value, and as a rule one that was there: then the values stay the same array. */
function withValue({ values, counts }: Valued, value: number, count: number): { values: number[]; counts: number[] } {
  let [low, high] = [0, values.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if ((values[middle] as number) < value) low = middle + 1
    else high = middle
  }
  // What is kept is frozen, and of a frozen array `slice` takes forty times as long as this does.
  const more = [...counts]
  if (values[low] === value) {
    more[low] = (more[low] as number) + count
    return { values, counts: more }
  }
  const wider = [...values]
  wider.splice(low, 0, value)
  more.splice(low, 0, count)
  return { values: wider, counts: more }
}

function bounded(whole: Distribution): Distribution {
  const { values, counts } = whole
  if (!values || !counts || values.length <= valuesMax) return whole
  const near: number[] = []
  const nearCounts: number[] = []
  let last: string | undefined
  for (const [index, value] of values.entries()) {
    const cell = cellOf(value)
    const count = counts[index] as number
    if (cell === last) nearCounts[nearCounts.length - 1] = (nearCounts[nearCounts.length - 1] as number) + count
    else {
      near.push(value)
      nearCounts.push(count)
    }
    last = cell
  }
  return { ...whole, values: near, counts: nearCounts }
}

function cellOf(value: number): string {
  if (value === 0) return '0'
  return `${Math.sign(value)} ${Math.round(Math.log(Math.abs(value)) / Math.log(nearness))}`
}
