/**
 * The values of metrics. A slot is what came for one metric, in one unit, within one second, minute, five minutes or hour:
 * its tier. Slots lie by tier, then by a span of time, then by metric: so what is old enough to be rolled up into the
 * next tier is found without looking at anything else, and a metric's own are a few short ranges.
 * A slot is in one tier only; what a reader may see of it is decided by its age, to the second, whenever it is rolled up.
 * Retention: docs.aws.amazon.com, Amazon CloudWatch User Guide, "Metrics retention".
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Distribution, merged } from '../../engines/metrics/distributions.ts'
import type { Grid } from '../../engines/metrics/series.ts'
import { collection } from '../../store/collection.ts'
import type { Metric } from './metrics.ts'

export interface Slot extends Distribution {
  metric: string
  /** Seconds. */
  tier: Tier
  start: Millis
  unit: string
}

export type Tier = 1 | 60 | 300 | 3600

const hourMillis = 3_600_000
const dayMillis = 24 * hourMillis

/** How long values are there in a tier's resolution, and how much time lies together. */
export const tiers: readonly { tier: Tier; keptMillis: number; spanMillis: number }[] = [
  { tier: 1, keptMillis: 3 * hourMillis, spanMillis: hourMillis },
  { tier: 60, keptMillis: 15 * dayMillis, spanMillis: dayMillis },
  { tier: 300, keptMillis: 63 * dayMillis, spanMillis: 5 * dayMillis },
  { tier: 3600, keptMillis: 455 * dayMillis, spanMillis: 30 * dayMillis },
]

export const slots = collection<Slot>('cloudwatch/slots', {
  version: 1,
  // The next value of the same minute adds to it.
  kept: true,
  key: ({ tier, start, metric, unit }) => [tier, spanOf(tier, start), metric, start, unit],
})

const spanMillisOf = new Map(tiers.map(({ tier, spanMillis }) => [tier, spanMillis]))

export function spanOf(tier: Tier, at: Millis): Millis {
  return at - (at % (spanMillisOf.get(tier) as number))
}

/** The finest resolution in which a value of this age is there; undefined where it is there no more. */
export function finestTier(age: number): Tier | undefined {
  return tiers.find(({ keptMillis }) => age <= keptMillis)?.tier
}

export interface NewSlot {
  metric: string
  at: Millis
  unit: string
  tier: Tier
}

export function addToSlot(tx: Tx, { metric, at, unit, tier }: NewSlot, added: Distribution): void {
  const start = at - (at % (tier * 1000))
  const here = tx.in(slots)
  const before = here.get(tier, spanOf(tier, start), metric, start, unit)
  const { count, sum, min, max, values, counts } = merged(before, added)
  const isValued = values !== undefined && counts !== undefined
  here.put({ count, sum, min, max, ...(isValued && { values, counts }), metric, tier, start, unit })
}

export interface SlotQuery {
  grid: Grid
  /** Absent: whatever the unit. */
  unit?: string | undefined
  now: Millis
}

/** A metric's slots that a query of such a period sees, tier by tier. */
export function* slotsOf(reader: Pick<Context, 'in'>, metric: Metric, { grid, unit, now }: SlotQuery): Iterable<Slot> {
  const { start, periodSeconds, length } = grid
  const end = start + length * periodSeconds * 1000
  for (const { tier, keptMillis, spanMillis } of tiers) {
    if (tier === 1 && !metric.hasSeconds) continue
    if (tier > Math.max(periodSeconds, 1) || (periodSeconds < 60 && tier >= 60)) continue
    const first = Math.max(start, metric.firstAt - (metric.firstAt % (tier * 1000)), now - keptMillis - 2 * spanMillis)
    for (let span = spanOf(tier, first); span < end; span += spanMillis) {
      const range = {
        prefix: [tier, span, metric.id],
        from: [tier, span, metric.id, first],
        before: [tier, span, metric.id, end],
      }
      for (const slot of reader.in(slots).list(range)) {
        if ((unit === undefined || slot.unit === unit) && isSeen(slot, periodSeconds, now)) yield slot
      }
    }
  }
}

function isSeen({ start }: Slot, periodSeconds: number, now: Millis): boolean {
  const finest = finestTier(now - start)
  return finest !== undefined && finest <= periodSeconds
}

/** What came within each period of the grid. `split` keeps units apart. */
export function windowsOf(
  reader: Pick<Context, 'in'>,
  metric: Metric,
  query: SlotQuery & { withValues: boolean },
): (Distribution | undefined)[] {
  const { grid, withValues } = query
  const windows: (Distribution | undefined)[] = new Array(grid.length)
  for (const slot of slotsOf(reader, metric, query)) {
    const index = Math.floor((slot.start - grid.start) / (grid.periodSeconds * 1000))
    // The first slot may have begun before the grid: a coarse one holds what came later too.
    const place = Math.max(0, index)
    if (place < grid.length) windows[place] = merged(windows[place], slot, withValues)
  }
  return windows
}
