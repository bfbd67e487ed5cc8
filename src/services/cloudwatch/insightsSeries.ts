/** Metrics Insights: the values of all metrics that a query names, together or by group. */
import { type Distribution, merged } from '../../engines/metrics/distributions.ts'
import { type InsightsQuery, matchesQuery } from '../../engines/metrics/insightsQueries.ts'
import type { MetricName, Series } from '../../engines/metrics/series.ts'
import { parseStatistic, statisticOf } from '../../engines/metrics/statistics.ts'
import { alignedGrid, distributionsOf, type Reader, type Span, seriesFrom } from './metricQueries.ts'
import { liveMetrics } from './metrics.ts'

interface Group {
  label: string
  windows: (Distribution | undefined)[]
}

export function insightsSeries(reader: Reader, query: InsightsQuery, periodSeconds: number, span: Span): Series[] {
  const { namespace, metricName: name, statistic, groupBy, orderBy, limit } = query
  const grid = alignedGrid(span, periodSeconds)
  const groups = new Map<string, Group>()
  for (const metric of liveMetrics(reader, span.now, { namespace, name })) {
    const values = matchesQuery(query, metric) ? groupBy.map((key) => dimension(metric, key)) : [undefined]
    if (values.includes(undefined)) continue
    const label = groupBy.length === 0 ? name : values.join(' ')
    const group = groups.get(label) ?? { label, windows: [] }
    groups.set(label, group)
    const found = distributionsOf(reader, { metric, statistic, periodSeconds }, span, grid)
    for (const [index, window] of found.entries()) {
      if (window) group.windows[index] = merged(group.windows[index], window, false)
    }
  }
  const metric = { namespace, name, dimensions: [] }
  const all = [...groups.values()].map(({ label, windows }) => ({
    series: { ...seriesFrom(windows, { metric, statistic, periodSeconds }, grid), label },
    rank: orderBy ? rankOf(windows, orderBy.statistic) : 0,
  }))
  if (orderBy) all.sort((a, b) => (orderBy.descending ? b.rank - a.rank : a.rank - b.rank))
  return all.slice(0, limit).map(({ series }) => series)
}

function dimension({ dimensions }: MetricName, key: string): string | undefined {
  return dimensions.find(({ name }) => name === key)?.value
}

/** Of the whole time that is looked at. */
function rankOf(windows: readonly (Distribution | undefined)[], statistic: string): number {
  let whole: Distribution | undefined
  for (const window of windows) if (window) whole = merged(whole, window, false)
  const parsed = parseStatistic(statistic)
  return (whole && parsed && statisticOf(parsed, whole)) ?? Number.NEGATIVE_INFINITY
}
