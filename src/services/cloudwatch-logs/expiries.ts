/** Retention: a group's oldest batch says when there is something to delete next. */
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { batches, segmentsOf } from './batches.ts'

export interface Expiry extends Due {
  group: string
}

export const expiries = dueQueue<Expiry>('logs/expiries')

interface Retained {
  id: string
  name: string
  retentionDays?: number
}

const dayMillis = 86_400_000
/** How far events may be ahead of the time when they are put. */
export const futureMillisMax = 2 * 3_600_000

export function retentionMillis({ retentionDays }: Retained): number | undefined {
  return retentionDays === undefined ? undefined : retentionDays * dayMillis
}

/** The time before which the group keeps nothing. */
export function keptSince(group: Retained, now: number): number {
  const millis = retentionMillis(group)
  return millis === undefined ? 0 : now - millis
}

/** Called when the retention changes and when something was deleted. */
export function planExpiry(tx: Tx, group: Retained): void {
  const millis = retentionMillis(group)
  const oldest = millis === undefined ? undefined : oldestOf(tx, group)
  if (millis === undefined || oldest === undefined) tx.due(expiries).delete(group.id)
  else tx.due(expiries).put({ id: group.id, dueAt: oldest + millis + 1, group: group.name })
}

/** When the last event of the first batch was, or those of the first segment have all been. */
function oldestOf(tx: Tx, { id }: Retained): number | undefined {
  const batch = tx.in(batches).first({ prefix: [id] })
  if (batch) return batch.lastAt
  const written = tx.use(segmentLogs).firstWritten(tx, segmentsOf(id))
  return written === undefined ? undefined : written + futureMillisMax
}

/** Called with every batch: only the first of a group that keeps for a time plans anything. */
export function planFirstExpiry(tx: Tx, group: Retained, lastAt: number): void {
  const millis = retentionMillis(group)
  if (millis === undefined) return
  const planned = tx.due(expiries).get(group.id)
  const dueAt = lastAt + millis + 1
  if (!planned || planned.dueAt > dueAt) tx.due(expiries).put({ id: group.id, dueAt, group: group.name })
}
