/** What ingested events measure, by metric filters and by themselves, in the commit that ingests them. */
import type { Tx } from '../../delivery/context.ts'
import { type Measurement, metricSink } from '../../delivery/metrics.ts'
import { singleton } from '../../delivery/singleton.ts'
import { noteMinute } from './defaultValues.ts'
import { embeddedMetrics } from './embeddedMetrics.ts'
import type { Written } from './eventBodies.ts'
import { compiledFilters } from './filters.ts'
import type { LogGroup } from './groups.ts'
import { type MetricFilter, metricFilters } from './metricFilters.ts'
import { measured } from './metricTransformations.ts'

/** A server without the metrics service keeps no measurements. */
export const sinkIfAny = singleton('metric sink of logs', (platform) =>
  platform.has(metricSink) ? platform.use(metricSink) : undefined,
)

const minuteMillis = 60_000

export function measureEvents(tx: Tx, group: LogGroup, events: readonly Written[]): void {
  const sink = tx.use(sinkIfAny)
  if (!sink) return
  for (const [, message] of events) {
    for (const { namespace, measurements } of embeddedMetrics(message)) sink.put(tx, namespace, measurements)
  }
  if (!group.metricFilters) return
  for (const filter of tx.in(metricFilters).list({ prefix: [group.name] })) {
    const { isMatched, measurements } = measurementsOf(tx, filter, events)
    if (measurements.length > 0) sink.put(tx, filter.transformation.metricNamespace, measurements)
    noteMinute(tx, group, filter, isMatched)
  }
}

/** One for each minute of the events and each set of dimensions. */
function measurementsOf(
  tx: Tx,
  { pattern, transformation }: MetricFilter,
  events: readonly Written[],
): { isMatched: boolean; measurements: Measurement[] } {
  const filter = tx.use(compiledFilters)(pattern)
  const found = new Map<string, Measurement & { counted: Map<number, number> }>()
  let isMatched = false
  for (const [timestamp, message] of events) {
    if (!filter.passes(message)) continue
    isMatched = true
    const one = measured(transformation, filter, message)
    if (!one) continue
    const at = timestamp - (timestamp % minuteMillis)
    const key = JSON.stringify([at, one.dimensions])
    const { metricName: name, unit = 'None' } = transformation
    const row = found.get(key) ?? { name, dimensions: one.dimensions, at, unit, counted: new Map() }
    row.counted.set(one.value, (row.counted.get(one.value) ?? 0) + 1)
    found.set(key, row)
  }
  const measurements = [...found.values()].map(({ counted, ...rest }) => ({
    ...rest,
    values: [...counted.keys()],
    counts: [...counted.values()],
  }))
  return { isMatched, measurements }
}
