/**
 * A table's stream: what it is, switched on and off. Its records are in streamRecords.ts. One that is switched off, or whose
 * table is deleted, can be read for 24 hours more; switched on again, a table has a new one.
 */
import type { StreamSpecification } from '@aws-sdk/client-dynamodb'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import type { KeySchema } from './keys.ts'
import { streamKeptMillis, streamTrims } from './streamRetention.ts'
import { type Table, type TableStream, tableArn } from './tables.ts'
import { invalid } from './values.ts'

export interface StoredStream extends TableStream {
  tableName: string
  keys: KeySchema
  createdAt: Millis
  disabledAt?: Millis
  shardId: string
}

export const streams = collection<StoredStream>('dynamodb/streams', {
  version: 1,
  key: (stream) => [stream.tableName, stream.label],
})

export function streamArn(scope: Pick<Context, 'account' | 'region'>, tableName: string, label: string): string {
  return `${tableArn(tableName, scope)}/stream/${label}`
}

/** The table with its stream switched as the request says. */
export function withStream(tx: Tx, table: Table, wanted: StreamSpecification | undefined): Table {
  if (!wanted) return table
  const { StreamEnabled, StreamViewType } = wanted
  if (!StreamEnabled) {
    if (StreamViewType) {
      throw invalid(
        'One or more parameter values were invalid: StreamViewType cannot be set when StreamEnabled is false',
      )
    }
    return table.stream ? disabled(tx, table) : table
  }
  if (!StreamViewType) {
    throw invalid('One or more parameter values were invalid: StreamViewType is required when StreamEnabled is true')
  }
  if (table.stream) throw invalid(`Table already has an enabled stream: TableName: ${table.name}`)
  return enabled(tx, table, StreamViewType)
}

function enabled(tx: Tx, table: Table, viewType: string): Table {
  const labels = tx.in(streams)
  let createdAt = tx.now
  // A stream is named by its moment, and a clock may stand still.
  while (labels.has(table.name, labelOf(createdAt))) createdAt++
  const stream: TableStream = { id: tx.random.uuid(), label: labelOf(createdAt), viewType }
  const shardId = `shardId-${String(createdAt).padStart(20, '0')}-${tx.random.hex(8)}`
  labels.put({ ...stream, tableName: table.name, keys: table.keys, createdAt: tx.now, shardId })
  return { ...table, stream, latestStreamLabel: stream.label }
}

function labelOf(at: Millis): string {
  return new Date(at).toISOString().slice(0, -1)
}

/** Its records stay, and go in their time. */
export function disabled(tx: Tx, { stream, ...table }: Table): Table {
  if (!stream) return table
  const stored = tx.in(streams).get(table.name, stream.label)
  if (stored) {
    tx.in(streams).put({ ...stored, disabledAt: tx.now })
    const trims = tx.due(streamTrims)
    const endsAt = tx.now + streamKeptMillis
    if (!trims.get(stream.id)) {
      trims.put({ id: stream.id, dueAt: endsAt, tableName: table.name, label: stream.label })
    }
  }
  return table
}

/** What DescribeTable says of it. */
export function describedStream(table: Table, scope: Pick<Context, 'account' | 'region'>) {
  const { stream, latestStreamLabel } = table
  return {
    ...(stream && { StreamSpecification: { StreamEnabled: true, StreamViewType: stream.viewType as 'NEW_IMAGE' } }),
    ...(latestStreamLabel !== undefined && {
      LatestStreamLabel: latestStreamLabel,
      LatestStreamArn: streamArn(scope, table.name, latestStreamLabel),
    }),
  }
}
