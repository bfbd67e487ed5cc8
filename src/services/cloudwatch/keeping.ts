/** How a measurement is kept: its metric, its slot, and the alarms that look at it. Requests, logs and our own meters come here. */
import type { Tx } from '../../delivery/context.ts'
import type { Measurement, MetricSink } from '../../delivery/metrics.ts'
import { type Distribution, distributionOf, distributionOfSet } from '../../engines/metrics/distributions.ts'
import { wakeAlarms } from './alarmWatches.ts'
import { metricName, touchMetric } from './metrics.ts'
import { planRollUp } from './rollUps.ts'
import { addToSlot, finestTier, type Tier } from './slots.ts'

export function keep(tx: Tx, namespace: string, measured: Measurement): void {
  const distribution = distributionIn(measured)
  const { at = tx.now, unit = 'None', resolutionSeconds = 60 } = measured
  const oldest = finestTier(tx.now - at)
  if (!distribution || !oldest) return
  const dimensions = measured.dimensions?.map(({ name, value }) => ({ Name: name, Value: value }))
  const tier = Math.max(oldest, resolutionSeconds) as Tier
  const metric = touchMetric(tx, metricName(namespace, measured.name, dimensions), { at, tier })
  addToSlot(tx, { metric, at, unit, tier }, distribution)
  planRollUp(tx, tier, at)
  wakeAlarms(tx, metric, at)
}

function distributionIn({ values, counts, statistics }: Measurement): Distribution | undefined {
  if (statistics) return statistics.sampleCount > 0 ? distributionOfSet(statistics) : undefined
  return values && distributionOf(values, counts)
}

/** A log may say anything; what is no number is not kept, as on AWS. */
function isMeasured({ values = [], counts = [], statistics }: Measurement): boolean {
  return [...values, ...counts, ...Object.values(statistics ?? {})].every(Number.isFinite)
}

/** What the logs' metric filters and embedded metrics put here. */
export const sink: MetricSink = {
  put(tx, namespace, measurements) {
    for (const measured of measurements) if (isMeasured(measured)) keep(tx, namespace, measured)
  },
}
