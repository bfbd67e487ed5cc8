/**
 * Provisioned throughput: a bucket of units for reads and one for writes, of the table and of each global index. It fills by the
 * clock and holds what five minutes give, as AWS's does; a request is let in while there is anything in it, and takes
 * what it turns out to cost. The buckets are memory: after a restart they are full. On-demand tables have none.
 */
import type { Millis } from '../../clock.ts'
import { ownMetrics } from '../../delivery/metering.ts'
import { type Singleton, singleton } from '../../delivery/singleton.ts'
import type { Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import type { Consumed } from './capacity.ts'
import type { Table, Throughput } from './tables.ts'

const { ProvisionedThroughputExceededException } = awsErrors('dynamodb')

const burstSeconds = 300

interface Bucket {
  units: number
  filledAt: Millis
}

const buckets = singleton('dynamodb throughput', () => new Map<string, Bucket>())

interface Place extends Scope {
  use<T>(key: Singleton<T>): T
}

type Kind = 'read' | 'write'

/** Throws when nothing is left of what a request will take from. */
export function admit(place: Place, now: Millis, table: Table, kind: Kind, indexName?: string): void {
  for (const { id, throughput, isIndex, name } of holders(table)) {
    // A write takes from every index that it changes; a read from the one it reads.
    if (kind === 'read' && (indexName === undefined ? isIndex : id !== indexId(table, indexName))) continue
    if (filled(place, now, id, rateOf(throughput, kind), kind).units > 0) continue
    measureThrottle(place, now, { table, index: name }, kind)
    throw ProvisionedThroughputExceededException(
      `The level of configured provisioned throughput for ${isIndex ? 'one or more global secondary indexes of the table' : 'the table'} was exceeded. Consider increasing your provisioning level ${isIndex ? 'for the under-provisioned global secondary indexes ' : ''}with the UpdateTable API`,
    )
  }
}

export function spend(place: Place, now: Millis, table: Table, kind: Kind, consumed: Consumed): void {
  measureUnits(place, now, table, kind, consumed)
  for (const { id, throughput, name } of holders(table)) {
    // Local indexes live on their table's units.
    const own = name === undefined ? consumed.table + localUnits(table, consumed) : (consumed.indexes[name] ?? 0)
    filled(place, now, id, rateOf(throughput, kind), kind).units -= own
  }
}

/** `AWS/DynamoDB`: of the table with its local indexes, and of each global index. */
function measureUnits(place: Place, now: Millis, table: Table, kind: Kind, consumed: Consumed): void {
  const { account, region } = place
  const name = kind === 'read' ? 'ConsumedReadCapacityUnits' : 'ConsumedWriteCapacityUnits'
  const ofTable = { TableName: table.name }
  const own = consumed.table + localUnits(table, consumed)
  const add = (dimensions: Record<string, string>, value: number) => {
    const subject = { account, region, namespace: 'AWS/DynamoDB', dimensions: [dimensions] }
    if (value > 0) place.use(ownMetrics).add(subject, now, { name, unit: 'Count', value })
  }
  add(ofTable, own)
  for (const { kind: kindOfIndex, name: index } of table.indexes) {
    if (kindOfIndex === 'global') add({ ...ofTable, GlobalSecondaryIndexName: index }, consumed.indexes[index] ?? 0)
  }
}

/** The request is refused, and its commit undone: this is counted all the same. */
function measureThrottle(
  place: Place,
  now: Millis,
  { table, index }: { table: Table; index: string | undefined },
  kind: Kind,
): void {
  const { account, region } = place
  const dimensions = { TableName: table.name, ...(index !== undefined && { GlobalSecondaryIndexName: index }) }
  const name = kind === 'read' ? 'ReadThrottleEvents' : 'WriteThrottleEvents'
  const subject = { account, region, namespace: 'AWS/DynamoDB', dimensions: [dimensions] }
  place.use(ownMetrics).add(subject, now, { name, unit: 'Count', value: 1 })
}

function holders(table: Table) {
  if (!table.throughput) return []
  const indexes = table.indexes.filter((index) => index.kind === 'global')
  return [
    { id: table.id, throughput: table.throughput, isIndex: false, name: undefined },
    ...indexes.map((index) => ({
      id: index.id,
      throughput: index.throughput ?? (table.throughput as Throughput),
      isIndex: true,
      name: index.name,
    })),
  ]
}

function localUnits(table: Table, { indexes }: Consumed): number {
  const local = table.indexes.filter((index) => index.kind === 'local')
  return local.reduce((sum, { name }) => sum + (indexes[name] ?? 0), 0)
}

function indexId(table: Table, name: string): string {
  const index = table.indexes.find((one) => one.name === name)
  return index?.kind === 'global' ? index.id : table.id
}

function rateOf(throughput: Throughput, kind: Kind): number {
  return kind === 'read' ? throughput.ReadCapacityUnits : throughput.WriteCapacityUnits
}

function filled(place: Place, now: Millis, id: string, rate: number, kind: Kind): Bucket {
  const all = place.use(buckets)
  const key = `${id}/${kind}`
  const bucket = all.get(key) ?? { units: rate * burstSeconds, filledAt: now }
  const gained = (Math.max(0, now - bucket.filledAt) / 1000) * rate
  bucket.units = Math.min(rate * burstSeconds, bucket.units + gained)
  bucket.filledAt = now
  all.set(key, bucket)
  return bucket
}
