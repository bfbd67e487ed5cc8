/** Digests of numbers: quantiles of weighted values, and histograms of a few buckets (Ben-Haim and Tom-Tov's). */
import { invalidArgument, type Native, native } from './native.ts'

interface Weighted {
  value: number
  weight: number
}

/** Values and weights lie one after the other; what has neither does not count. */
function weightedValues(pairs: readonly (number | null)[]): Weighted[] {
  const found: Weighted[] = []
  for (let i = 0; i + 1 < pairs.length; i += 2) {
    const [value, weight] = [pairs[i], pairs[i + 1]]
    if (value === null || value === undefined || weight === null || weight === undefined) continue
    if (weight <= 0) throw invalidArgument('weight must be > 0')
    found.push({ value, weight })
  }
  return found.sort((a, b) => a.value - b.value)
}

function valueAt(sorted: readonly Weighted[], quantile: number): number | null {
  if (!(quantile >= 0 && quantile <= 1)) throw invalidArgument('Quantile should be within bounds [0, 1]')
  const total = sorted.reduce((sum, { weight }) => sum + weight, 0)
  let below = 0
  for (const { value, weight } of sorted) {
    below += weight
    if (below > quantile * total) return value
  }
  return sorted[sorted.length - 1]?.value ?? null
}

/** The two neighbours that lose least by it become one, until there are few enough. */
function histogram(bucketsMax: bigint, pairs: readonly (number | null)[]): number[] {
  if (bucketsMax < 2n) throw invalidArgument('numeric_histogram bucket count must be greater than one')
  const buckets: Weighted[] = []
  for (const one of weightedValues(pairs)) {
    const last = buckets[buckets.length - 1]
    if (last?.value === one.value) last.weight += one.weight
    else buckets.push({ ...one })
  }
  while (BigInt(buckets.length) > bucketsMax) {
    let best = 0
    for (let i = 1; i + 1 < buckets.length; i++) if (penalty(buckets, i) < penalty(buckets, best)) best = i
    const [a, b] = [buckets[best] as Weighted, buckets[best + 1] as Weighted]
    const weight = a.weight + b.weight
    buckets.splice(best, 2, { value: (a.value * a.weight + b.value * b.weight) / weight, weight })
  }
  return buckets.flatMap(({ value, weight }) => [value, weight])
}

function penalty(buckets: readonly Weighted[], at: number): number {
  const [a, b] = [buckets[at] as Weighted, buckets[at + 1] as Weighted]
  return ((a.value - b.value) ** 2 * a.weight * b.weight) / (a.weight + b.weight)
}

export const digestNatives: readonly Native[] = [
  native('value_at_quantile', ['DOUBLE[]', 'DOUBLE'], 'DOUBLE', (pairs, quantile) =>
    valueAt(weightedValues(pairs), quantile),
  ),
  native('values_at_quantiles', ['DOUBLE[]', 'DOUBLE[]'], 'DOUBLE[]', (pairs, quantiles) => {
    const sorted = weightedValues(pairs)
    return quantiles.map((quantile) => (quantile === null ? null : valueAt(sorted, quantile)))
  }),
  native('numeric_histogram', ['BIGINT', 'DOUBLE[]'], 'DOUBLE[]', histogram),
]
