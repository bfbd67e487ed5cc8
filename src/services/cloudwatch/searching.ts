/** SEARCH: the series of all metrics that a search expression means, each labelled by what tells it from the others. */
import { parseSearch } from '../../engines/metrics/search.ts'
import type { MetricName, Series } from '../../engines/metrics/series.ts'
import { type Reader, type Span, seriesOf } from './metricQueries.ts'
import { liveMetrics } from './metrics.ts'

/** AWS finds up to a hundred in a graph. */
const foundMax = 100

export function searchedSeries(
  reader: Reader,
  wanted: { expression: string; statistic: string; periodSeconds: number },
  span: Span,
): Series[] {
  const { expression, statistic, periodSeconds } = wanted
  const test = parseSearch(expression)
  const found: MetricName[] = []
  for (const metric of liveMetrics(reader, span.now)) {
    if (test(metric)) found.push(metric)
    if (found.length === foundMax) break
  }
  const label = labelled(found)
  const all = found.map((metric) => ({
    ...seriesOf(reader, { metric, statistic, periodSeconds }, span),
    label: label(metric),
  }))
  return all.sort((a, b) => (a.label < b.label ? -1 : 1))
}

function labelled(all: readonly MetricName[]): (metric: MetricName) => string {
  const oneName = new Set(all.map(({ name }) => name)).size <= 1
  const values = new Map<string, Set<string>>()
  for (const { name, value } of all.flatMap(({ dimensions }) => dimensions)) {
    values.set(name, (values.get(name) ?? new Set()).add(value))
  }
  const tells = (name: string) => (values.get(name)?.size ?? 0) > 1
  return ({ name, dimensions }) => {
    const parts = dimensions.filter((each) => tells(each.name)).map(({ value }) => value)
    return [...(oneName && parts.length > 0 ? [] : [name]), ...parts].join(' ')
  }
}
