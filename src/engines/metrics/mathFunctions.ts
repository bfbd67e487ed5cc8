/** The functions of metric math, one entry each, by AWS's names. */
import type { Millis } from '../../clock.ts'
import { MathError, type MathNode } from './mathSyntax.ts'
import { aggregate, type Compute, eachOf, type MathValue, type MathWorld, seriesIn } from './mathValues.ts'
import { across, finite, mapped, type Series } from './series.ts'

export type MathFunction = (parts: readonly MathNode[], world: MathWorld, compute: Compute) => MathValue

/** One part, computed; nothing else. */
function unary(apply: (value: MathValue, world: MathWorld) => MathValue): MathFunction {
  return (parts, world, compute) => {
    if (parts.length !== 1) throw new MathError(`The function takes one parameter, not ${parts.length}.`)
    return apply(compute(parts[0] as MathNode), world)
  }
}

const each = (change: (value: number) => number) => unary((value) => eachOf(value, change))
const eachTime = (read: (at: Date) => number) =>
  unary((value) => eachSeries(value, (series) => mapped(series, (_, at) => read(new Date(at)))))
const over = (combine: (values: number[]) => number) => unary((value) => aggregate(value, combine))

export function eachSeries(value: MathValue, change: (series: Series) => Series): MathValue {
  return Array.isArray(value) ? value.map(change) : change(seriesIn(value)[0] as Series)
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const mean = (values: readonly number[]) => sum(values) / values.length
const least = (values: readonly number[]) => values.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
const greatest = (values: readonly number[]) => values.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY)

function deviation(values: readonly number[]): number {
  const middle = mean(values)
  return Math.sqrt(mean(values.map((value) => (value - middle) ** 2)))
}

export const functions: ReadonlyMap<string, MathFunction> = new Map<string, MathFunction>([
  ['ABS', each(Math.abs)],
  ['CEIL', each(Math.ceil)],
  ['FLOOR', each(Math.floor)],
  ['LOG', each(Math.log)],
  ['LOG10', each(Math.log10)],
  ['AVG', over(mean)],
  ['MAX', over(greatest)],
  ['MIN', over(least)],
  ['SUM', over(sum)],
  ['STDDEV', over(deviation)],
  ['DATAPOINT_COUNT', over((values) => values.length)],
  ['DAY', eachTime((at) => at.getUTCDay() || 7)],
  ['DATE', eachTime((at) => at.getUTCDate())],
  ['HOUR', eachTime((at) => at.getUTCHours())],
  ['MINUTE', eachTime((at) => at.getUTCMinutes())],
  ['MONTH', eachTime((at) => at.getUTCMonth() + 1)],
  ['YEAR', eachTime((at) => at.getUTCFullYear())],
  ['EPOCH', eachTime((at) => at.getTime() / 1000)],
  ['DIFF', unary((value) => eachSeries(value, (series) => stepped(series, (_, change) => change)))],
  ['DIFF_TIME', unary((value) => eachSeries(value, (series) => stepped(series, (seconds) => seconds)))],
  ['RATE', unary((value) => eachSeries(value, (series) => stepped(series, (seconds, change) => change / seconds)))],
  ['RUNNING_SUM', unary((value) => eachSeries(value, runningSum))],
  ['METRIC_COUNT', unary((value) => seriesIn(value).length)],
  ['REMOVE_EMPTY', unary((value) => seriesIn(value).filter(({ values }) => values.length > 0))],
  ['PERIOD', unary((value) => seriesIn(value)[0]?.periodSeconds ?? 0)],
  ['FIRST', unary((value) => mustBeThere(seriesIn(value)[0]))],
  ['LAST', unary((value) => mustBeThere(seriesIn(value).at(-1)))],
  ['TIME_SERIES', unary(timeSeries)],
  ['FILL', fill],
  ['IF', choose],
  ['SLICE', slice],
  ['SORT', sort],
  ['METRICS', metrics],
  ['SEARCH', search],
  ['ANOMALY_DETECTION_BAND', band],
  ...['INSIGHT_RULE_METRIC', 'DB_PERF_INSIGHTS', 'SERVICE_QUOTA', 'LAMBDA'].map(
    (name) => [name, refused(name)] as const,
  ),
])

function refused(name: string): MathFunction {
  return () => {
    throw new MathError(`The function ${name} is not implemented by Igarapé.`)
  }
}

/** From each value to the next: the seconds between them, and the change. */
function stepped(series: Series, change: (seconds: number, change: number) => number): Series {
  const { timestamps, values } = series
  const later = timestamps.slice(1)
  const steps = later.map((at, index) =>
    change((at - (timestamps[index] as Millis)) / 1000, (values[index + 1] as number) - (values[index] as number)),
  )
  return { ...series, timestamps: later, values: steps }
}

function runningSum(series: Series): Series {
  let total = 0
  return mapped(series, (value) => {
    total += value
    return total
  })
}

function mustBeThere(series: Series | undefined): Series {
  if (!series) throw new MathError('The list of time series is empty.')
  return series
}

/** A number at each moment of the request. */
function timeSeries(value: MathValue, world: MathWorld): MathValue {
  if (typeof value !== 'number') return seriesIn(value)
  const periodSeconds = world.metrics()[0]?.series.periodSeconds ?? 60
  const timestamps = momentsOf(world, periodSeconds)
  return { timestamps, values: timestamps.map(() => value), periodSeconds, label: String(value) }
}

function momentsOf({ span }: MathWorld, periodSeconds: number): Millis[] {
  const step = periodSeconds * 1000
  return Array.from(
    { length: Math.max(0, Math.ceil((span.end - span.start) / step)) },
    (_, index) => span.start + index * step,
  )
}

/** FILL(series, number | REPEAT | LINEAR | another series). */
function fill(parts: readonly MathNode[], world: MathWorld, compute: Compute): MathValue {
  const [of, by] = parts
  if (!of || !by || parts.length !== 2) throw new MathError('FILL takes two parameters.')
  const value = compute(of)
  const way = by.kind === 'name' && /^(REPEAT|LINEAR)$/i.test(by.name) ? by.name.toUpperCase() : compute(by)
  return eachSeries(value, (series) => filled(series, way, world))
}

function filled(series: Series, way: MathValue, world: MathWorld): Series {
  const known = new Map(series.timestamps.map((at, index) => [at, series.values[index] as number]))
  const all = new Set([...momentsOf(world, series.periodSeconds), ...series.timestamps])
  const timestamps = [...all].sort((a, b) => a - b)
  const substitute = typeof way === 'object' ? seriesIn(way)[0] : undefined
  const others = new Map(substitute?.timestamps.map((at, index) => [at, substitute.values[index] as number]))
  let before: { at: Millis; value: number } | undefined
  let next = 0
  const values = timestamps.map((at) => {
    const value = known.get(at)
    if (value !== undefined) {
      before = { at, value }
      return value
    }
    if (typeof way === 'number') return way
    if (substitute) return others.get(at) ?? Number.NaN
    if (way === 'REPEAT') return before?.value ?? Number.NaN
    while (next < series.timestamps.length && (series.timestamps[next] as Millis) < at) next++
    const after = series.timestamps[next]
    if (!before || after === undefined) return Number.NaN
    return before.value + ((series.values[next] as number) - before.value) * ((at - before.at) / (after - before.at))
  })
  return finite({ ...series, timestamps, values })
}

/** IF(condition, value, otherwise); without the last there is nothing where the condition does not hold. */
function choose(parts: readonly MathNode[], _world: MathWorld, compute: Compute): MathValue {
  if (parts.length < 2 || parts.length > 3) throw new MathError('IF takes two or three parameters.')
  const [condition, yes, no = Number.NaN] = parts.map(compute) as [MathValue, MathValue, MathValue?]
  if (typeof condition === 'number') return condition !== 0 ? yes : no
  return eachSeries(condition, (series) => {
    const read = [yes, no].map((value) => readerOf(value)) as [Reader, Reader]
    return finite(mapped(series, (value, at) => (value !== 0 ? read[0](at) : read[1](at))))
  })
}

type Reader = (at: Millis) => number

function readerOf(value: MathValue): Reader {
  if (typeof value === 'number') return () => value
  const series = seriesIn(value)[0]
  const known = new Map(series?.timestamps.map((at, index) => [at, series.values[index] as number]))
  return (at) => known.get(at) ?? Number.NaN
}

/** SLICE(list, from, to): one number takes the last so many, or the one at that place. */
function slice(parts: readonly MathNode[], _world: MathWorld, compute: Compute): MathValue {
  const [of, from, to] = parts.map(compute)
  if (of === undefined || typeof from !== 'number') throw new MathError('SLICE takes a list and one or two numbers.')
  const all = seriesIn(of)
  if (to === undefined) return mustBeThere(all[from])
  if (typeof to !== 'number') throw new MathError('SLICE takes a list and one or two numbers.')
  return all.slice(from, to)
}

const orders: Record<string, (values: readonly number[]) => number> = { AVG: mean, MIN: least, MAX: greatest, SUM: sum }

/** SORT(list, AVG | MIN | MAX | SUM, ASC | DESC, how many). */
function sort(parts: readonly MathNode[], _world: MathWorld, compute: Compute): MathValue {
  const [of, by, direction, limit] = parts
  const order = by?.kind === 'name' ? orders[by.name.toUpperCase()] : undefined
  const turn = direction?.kind === 'name' ? direction.name.toUpperCase() : ''
  if (!of || !order || !/^(ASC|DESC)$/.test(turn)) throw new MathError('SORT takes a list, a function and ASC or DESC.')
  const value = (series: Series) => (series.values.length > 0 ? order(series.values) : Number.NEGATIVE_INFINITY)
  const sorted = [...seriesIn(compute(of))].sort((a, b) => value(a) - value(b))
  if (turn === 'DESC') sorted.reverse()
  const many = limit ? compute(limit) : sorted.length
  return sorted.slice(0, typeof many === 'number' ? many : 0)
}

/** METRICS(): those of the request; METRICS("errors"): those whose id has this in it. */
function metrics(parts: readonly MathNode[], world: MathWorld): MathValue {
  const [part] = parts
  const filter = part?.kind === 'string' ? part.value : ''
  return world.metrics().flatMap(({ id, series }) => (id.includes(filter) ? [series] : []))
}

function search(parts: readonly MathNode[], world: MathWorld, compute: Compute): MathValue {
  const [expression, statistic, period] = parts.map(compute)
  if (typeof expression !== 'string' || typeof statistic !== 'string') {
    throw new MathError('SEARCH takes a search expression, a statistic and a period.')
  }
  return world.search(expression, statistic, typeof period === 'number' ? period : undefined)
}

function band(parts: readonly MathNode[], world: MathWorld, compute: Compute): MathValue {
  const [of, deviations = 2] = parts.map(compute)
  if (of === undefined || typeof deviations !== 'number') {
    throw new MathError('ANOMALY_DETECTION_BAND takes a time series and a number.')
  }
  const all = seriesIn(of)
  return world.band(all.length === 1 ? (all[0] as Series) : across(all, sum), deviations)
}
