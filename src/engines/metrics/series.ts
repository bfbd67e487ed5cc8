/** A time series: values at moments, in order of time, with gaps where nothing was measured. */
import type { Millis } from '../../clock.ts'

export interface Series {
  timestamps: Millis[]
  values: number[]
  periodSeconds: number
  label: string
  /** Of which metric it is, where it is of one. */
  metric?: MetricName
  statistic?: string
}

/** What a metric is known by. */
export interface MetricName {
  namespace: string
  name: string
  dimensions: readonly { name: string; value: string }[]
}

/** The periods that a query looks at: `length` of them, one after the other. */
export interface Grid {
  start: Millis
  periodSeconds: number
  length: number
}

export function gridOf(start: Millis, end: Millis, periodSeconds: number): Grid {
  return { start, periodSeconds, length: Math.max(0, Math.ceil((end - start) / (periodSeconds * 1000))) }
}

export function timesOf({ start, periodSeconds, length }: Grid): Millis[] {
  return Array.from({ length }, (_, index) => start + index * periodSeconds * 1000)
}

export function mapped(series: Series, change: (value: number, at: Millis, index: number) => number): Series {
  const values = series.values.map((value, index) => change(value, series.timestamps[index] as Millis, index))
  return { ...series, values }
}

/** Where both have a value; the longer period counts. */
export function joined(a: Series, b: Series, combine: (a: number, b: number) => number): Series {
  const other = new Map(b.timestamps.map((at, index) => [at, b.values[index] as number]))
  const timestamps: Millis[] = []
  const values: number[] = []
  for (const [index, at] of a.timestamps.entries()) {
    const value = other.get(at)
    if (value === undefined) continue
    timestamps.push(at)
    values.push(combine(a.values[index] as number, value))
  }
  return { timestamps, values, periodSeconds: Math.max(a.periodSeconds, b.periodSeconds), label: a.label }
}

/** At each moment where any has a value: what `combine` makes of those that are there. */
export function across(all: readonly Series[], combine: (values: number[]) => number): Series {
  const byTime = new Map<Millis, number[]>()
  for (const { timestamps, values } of all) {
    for (const [index, at] of timestamps.entries()) {
      const here = byTime.get(at)
      if (here) here.push(values[index] as number)
      else byTime.set(at, [values[index] as number])
    }
  }
  const timestamps = [...byTime.keys()].sort((a, b) => a - b)
  const values = timestamps.map((at) => combine(byTime.get(at) as number[]))
  const periodSeconds = Math.max(0, ...all.map((series) => series.periodSeconds))
  return { timestamps, values, periodSeconds, label: all[0]?.label ?? '' }
}

/** Without what is not a number: AWS leaves such datapoints out. */
export function finite(series: Series): Series {
  const kept = series.values.flatMap((value, index) => (Number.isFinite(value) ? [index] : []))
  if (kept.length === series.values.length) return series
  return {
    ...series,
    timestamps: kept.map((index) => series.timestamps[index] as Millis),
    values: kept.map((index) => series.values[index] as number),
  }
}
