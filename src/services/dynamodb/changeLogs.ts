/**
 * What items were before each change, in logs of segments: of a table that can be restored to any moment, and of one that is
 * being copied while it is written. A copy of the items as they are now becomes one of the items as they were then by
 * undoing what came since, the newest change first: no snapshot is needed, and no write waits for a copy.
 */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { segmentLogs } from '../../delivery/logs.ts'
import { decodeRecord, encodeRecord } from '../../store/encoding.ts'
import type { Block } from '../../store/segments.ts'
import { type Place, placeOf } from './keys.ts'
import type { Change } from './streamRecords.ts'
import type { Table } from './tables.ts'
import type { Item } from './values.ts'

export interface LoggedChange extends Place {
  /** Absent where the item came with this change. */
  before?: Item
}

export function logChange(tx: Tx, table: Table, logs: readonly string[], { before, after }: Change): void {
  const body = encodeRecord({ ...placeOf((after ?? before) as Item, table.keys), before })
  for (const log of logs) tx.append(log, { at: tx.now, body })
}

/** Blocks with changes after that moment, the newest first. */
export function blocksSince(ctx: Context, log: string, since: Millis): Block[] {
  return [...ctx.use(segmentLogs).blocks(log)].filter((block) => block.to > since).reverse()
}

/** A block's changes after that moment, the newest first. */
export async function changesOf(ctx: Context, block: Block, since: Millis): Promise<LoggedChange[]> {
  const entries = await ctx.use(segmentLogs).entries(block)
  return entries
    .filter(({ at }) => at > since)
    .map(({ body }) => decodeRecord<LoggedChange>(body))
    .reverse()
}

export function withLog(table: Table, log: string): Table {
  return { ...table, logs: [...(table.logs ?? []), log] }
}

/** The log ends with it. */
export function withoutLog(tx: Tx, table: Table, log: string): Table {
  tx.use(segmentLogs).drop(tx, log)
  const { logs = [], ...rest } = table
  const left = logs.filter((one) => one !== log)
  return left.length > 0 ? { ...rest, logs: left } : rest
}
