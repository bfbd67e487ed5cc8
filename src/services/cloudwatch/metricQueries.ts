/** Computes the queries of GetMetricData, of alarms and of images: metrics, math, searches and Metrics Insights. */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import type { Distribution } from '../../engines/metrics/distributions.ts'
import { isInsightsQuery, parseInsights } from '../../engines/metrics/insightsQueries.ts'
import { computeMath } from '../../engines/metrics/math.ts'
import { MathError, parseMath } from '../../engines/metrics/mathSyntax.ts'
import type { MathValue, MathWorld } from '../../engines/metrics/mathValues.ts'
import { finite, type Grid, gridOf, type MetricName, type Series, timesOf } from '../../engines/metrics/series.ts'
import { needsValues, parseStatistic, statisticOf } from '../../engines/metrics/statistics.ts'
import type { Scope } from '../../store/collection.ts'
import { bandOf } from './bands.ts'
import { insightsSeries } from './insightsSeries.ts'
import { getMetric, metricName } from './metrics.ts'
import { searchedSeries } from './searching.ts'
import { windowsOf } from './slots.ts'

export type Reader = Pick<Context, 'in' | 'use'> & Scope

export interface Span {
  start: Millis
  end: Millis
  now: Millis
}

export interface MetricQuery {
  metric: MetricName
  statistic: string
  periodSeconds: number
  unit?: string | undefined
}

/** The periods begin at the start itself, which AWS rounds down: to the minute, and coarser what is long ago. */
export function alignedGrid({ start, end, now }: Span, periodSeconds: number): Grid {
  const age = now - start
  const dayMillis = 86_400_000
  const coarse = age > 63 * dayMillis ? 3600 : age > 15 * dayMillis ? 300 : 60
  const step = (periodSeconds < 60 ? periodSeconds : coarse) * 1000
  return gridOf(start - (start % step), end, periodSeconds)
}

/** The values of one metric. Errors: MathError. */
export function seriesOf(
  reader: Reader,
  query: MetricQuery,
  span: Span,
  grid = alignedGrid(span, query.periodSeconds),
) {
  const windows = distributionsOf(reader, query, span, grid)
  return seriesFrom(windows, query, grid)
}

export function distributionsOf(
  reader: Reader,
  { metric, statistic, unit }: MetricQuery,
  { now }: Span,
  grid: Grid,
): (Distribution | undefined)[] {
  const known = getMetric(reader, metric)
  if (!known) return []
  const parsed = parseStatistic(statistic)
  return windowsOf(reader, known, { grid, unit, now, withValues: parsed ? needsValues(parsed) : false })
}

/** Errors: MathError where there is no such statistic. */
export function seriesFrom(windows: readonly (Distribution | undefined)[], query: MetricQuery, grid: Grid): Series {
  const { metric, statistic, periodSeconds } = query
  const parsed = parseStatistic(statistic)
  if (!parsed) throw new MathError(`Unknown statistic '${statistic}'.`)
  const times = timesOf(grid)
  const series: Series = { timestamps: [], values: [], periodSeconds, label: metric.name, metric, statistic }
  for (const [index, window] of windows.entries()) {
    const value = window && statisticOf(parsed, window)
    if (value === undefined) continue
    series.timestamps.push(times[index] as Millis)
    series.values.push(value)
  }
  return series
}

export function metricQueryOf({ MetricStat }: MetricDataQuery): MetricQuery | undefined {
  if (!MetricStat?.Metric) return undefined
  const { Metric, Period = 60, Stat = '', Unit } = MetricStat
  return {
    metric: metricName(Metric.Namespace ?? '', Metric.MetricName ?? '', Metric.Dimensions),
    statistic: Stat,
    periodSeconds: Period,
    unit: Unit,
  }
}

/** The queries of one request: each is computed once, in whatever order they use each other. */
export class QueryRun implements MathWorld {
  readonly #reader: Reader
  readonly #queries: Map<string, MetricDataQuery>
  readonly #values = new Map<string, MathValue>()
  readonly #under = new Set<string>()
  readonly span: Span
  readonly #isAlarm: boolean

  constructor(reader: Reader, queries: readonly MetricDataQuery[], span: Span, { isAlarm = false } = {}) {
    this.#reader = reader
    this.#queries = new Map(queries.map((query) => [query.Id ?? '', query]))
    this.span = span
    this.#isAlarm = isAlarm
  }

  /** Errors: MathError. */
  byName(id: string): MathValue | undefined {
    const known = this.#values.get(id)
    if (known !== undefined) return known
    const query = this.#queries.get(id)
    if (!query) return undefined
    if (this.#under.has(id)) throw new MathError(`'${id}' uses itself.`)
    this.#under.add(id)
    const value = this.#compute(query)
    this.#under.delete(id)
    this.#values.set(id, value)
    return value
  }

  metrics(): { id: string; series: Series }[] {
    return [...this.#queries].flatMap(([id, query]) =>
      query.MetricStat ? [{ id, series: this.byName(id) as Series }] : [],
    )
  }

  search(expression: string, statistic: string, periodSeconds: number | undefined): Series[] {
    return searchedSeries(this.#reader, { expression, statistic, periodSeconds: periodSeconds ?? 300 }, this.span)
  }

  band(of: Series, deviations: number): Series[] {
    return bandOf(this.#reader, of, deviations, this.span, { mayBeOld: this.#isAlarm })
  }

  #compute(query: MetricDataQuery): MathValue {
    const metric = metricQueryOf(query)
    if (metric) return seriesOf(this.#reader, metric, this.span)
    const { Expression = '', Id = '', Period } = query
    if (isInsightsQuery(Expression)) {
      if (!Period) throw new MathError('A Metrics Insights query needs a Period.')
      return insightsSeries(this.#reader, parseInsights(Expression), Period, this.span)
    }
    const value = computeMath(parseMath(Expression), this)
    if (typeof value === 'number' || typeof value === 'string') return value
    const isSearch = /\b(SEARCH|METRICS|SORT|SLICE|REMOVE_EMPTY|ANOMALY_DETECTION_BAND)\s*\(/i.test(Expression)
    const all = (Array.isArray(value) ? value : [value]).map((series) =>
      finite(isSearch && Array.isArray(value) ? series : { ...series, label: Id }),
    )
    return Array.isArray(value) ? all : (all[0] as Series)
  }
}
