/**
 * A stream's records: written in the commit of the change that they tell of, so a stream lacks nothing that was acknowledged
 * and tells of nothing that was not. They are numbered without gaps, read by number, and removed when a day is over.
 */
import type { Millis } from '../../clock.ts'
import { arrivals } from '../../delivery/arrivals.ts'
import type { ChangeRecord } from '../../delivery/changeStreams.ts'
import type { Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { collection } from '../../store/collection.ts'
import { keyOf } from './keys.ts'
import { type StreamTrim, streamKeptMillis, streamTrims } from './streamRetention.ts'
import { streamArn, streams } from './streams.ts'
import type { Table, TableStream } from './tables.ts'
import { areEqual, type Item, itemSize } from './values.ts'

const trimmedAtOnce = 500
/** Records go in bundles, however close together they came; readers do not see one that is too old. */
const trimPauseMillis = 5 * 60_000

export interface StoredChange extends ChangeRecord {
  stream: string
}

export const streamRecords = collection<StoredChange>('dynamodb/stream-records', {
  version: 1,
  key: ({ stream, number }) => [stream, number],
})

/** Written with every record, and so kept decoded. */
export const streamPositions = collection<{ stream: string; last: number }>('dynamodb/stream-positions', {
  version: 1,
  kept: true,
  key: ({ stream }) => [stream],
})

export interface Change {
  before: Item | undefined
  after: Item | undefined
  /** Made by the table itself, because the item's time to live was over. */
  isExpiry?: boolean
}

/** A write that changed nothing leaves no record. */
export function recordChange(tx: Tx, table: Table, stream: TableStream, { before, after, isExpiry }: Change): void {
  if (before && after && areEqual({ M: before }, { M: after })) return
  const number = (tx.in(streamPositions).get(stream.id)?.last ?? 0) + 1
  const keys = keyOf((after ?? before) as Item, table.keys)
  const oldImage = stream.viewType.includes('OLD') ? before : undefined
  const newImage = stream.viewType.includes('NEW') ? after : undefined
  const images = [keys, oldImage, newImage].filter((image) => image !== undefined)
  tx.in(streamRecords).put({
    stream: stream.id,
    number,
    eventId: tx.random.hex(32),
    eventName: !before ? 'INSERT' : after ? 'MODIFY' : 'REMOVE',
    at: tx.now,
    keys,
    ...(newImage && { newImage }),
    ...(oldImage && { oldImage }),
    sizeBytes: images.reduce((sum, image) => sum + itemSize(image), 0),
    ...(isExpiry && { isExpiry }),
  })
  tx.in(streamPositions).put({ stream: stream.id, last: number })
  // Until it is trimmed for the first time, a stream has no row: its first record makes it.
  if (number === 1) expectTrim(tx, table.name, stream, tx.now + streamKeptMillis)
  tx.use(arrivals).tell(tx, streamArn(tx, table.name, stream.label), tx.now)
}

function expectTrim(tx: Tx, tableName: string, { id, label }: TableStream, dueAt: Millis): void {
  tx.due(streamTrims).put({ id, dueAt, tableName, label })
}

export const streamTrimWorker = worker('dynamodb/stream-trims', {
  queue: streamTrims,
  concurrency: 2,
  async run(trim, ctx) {
    await ctx.commit((tx) => trimmed(tx, trim))
  },
})

function trimmed(tx: Tx, trim: StreamTrim): void {
  const { id, tableName, label } = trim
  const stream = tx.in(streams).get(tableName, label)
  const isOver = !stream || (stream.disabledAt !== undefined && stream.disabledAt + streamKeptMillis <= tx.now)
  const records = tx.in(streamRecords)
  const oldest = [...records.list({ prefix: [id], limit: trimmedAtOnce + 1 })]
  const gone = oldest.slice(0, trimmedAtOnce).filter(({ at }) => isOver || isTooOld(at, tx.now))
  for (const { number } of gone) records.delete(id, number)
  const next = oldest[gone.length]
  if (next || !isOver) {
    const expected = next ? next.at + streamKeptMillis : tx.now + streamKeptMillis
    const dueAt = gone.length === trimmedAtOnce ? tx.now + 1 : Math.max(expected, tx.now + trimPauseMillis)
    const end = stream?.disabledAt === undefined ? dueAt : stream.disabledAt + streamKeptMillis
    tx.due(streamTrims).put({ ...trim, dueAt: Math.max(Math.min(dueAt, end), tx.now + 1) })
    return
  }
  tx.in(streams).delete(tableName, label)
  tx.in(streamPositions).delete(id)
  tx.due(streamTrims).delete(id)
}

export function isTooOld(at: Millis, now: Millis): boolean {
  return at + streamKeptMillis <= now
}
