/** What requests about tables answer. */
import type { TableDescription } from '@aws-sdk/client-dynamodb'
import type { Context } from '../../delivery/context.ts'
import { attributesOf, type KeySchema } from './keys.ts'
import { describedStream } from './streams.ts'
import type { Count, Totals } from './tableCounts.ts'
import { type Encryption, type Index, type Restored, type Table, type Throughput, tableArn } from './tables.ts'

function describedEncryption({ keyId = 'alias/aws/dynamodb' }: Encryption, { account, region }: Context) {
  const isArn = keyId.startsWith('arn:')
  const name = keyId.startsWith('alias/') ? keyId : `key/${keyId}`
  const KMSMasterKeyArn = isArn ? keyId : `arn:aws:kms:${region}:${account}:${name}`
  return { Status: 'ENABLED' as const, SSEType: 'KMS' as const, KMSMasterKeyArn }
}

function statusOf({ isBeingMade, indexes }: Table): 'CREATING' | 'UPDATING' | 'ACTIVE' {
  if (isBeingMade) return 'CREATING'
  return indexes.some((index) => index.status !== 'ACTIVE') ? 'UPDATING' : 'ACTIVE'
}

function describedRestore({ isBeingMade }: Table, { from, backup, at }: Restored) {
  return {
    SourceTableArn: from,
    ...(backup && { SourceBackupArn: backup }),
    RestoreDateTime: new Date(at),
    RestoreInProgress: isBeingMade ?? false,
  }
}

function describedThroughput(throughput: Throughput | undefined) {
  return { NumberOfDecreasesToday: 0, ...(throughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }) }
}

/** `count` where somebody asks for the table itself, and it is whole. */
export function described(
  table: Table,
  ctx: Context,
  { status = 'ACTIVE', count }: { status?: 'ACTIVE' | 'DELETING'; count?: Count } = {},
): TableDescription {
  const arn = tableArn(table.name, ctx)
  const schemas = [table.keys, ...table.indexes.map((index) => index.keys)]
  const types = new Map(schemas.flatMap(attributesOf).map(({ name, type }) => [name, type]))
  const local = table.indexes
    .filter((index) => index.kind === 'local')
    .map((index) => describedIndex(index, arn, count?.indexes.get(index.id)))
  const global = table.indexes
    .filter((index) => index.kind === 'global')
    .map((index) => ({
      ...describedIndex(index, arn, count?.indexes.get(index.id)),
      IndexStatus: index.status,
      ProvisionedThroughput: describedThroughput(index.throughput),
      ...(index.status === 'CREATING' && { Backfilling: true }),
    }))
  return {
    TableName: table.name,
    TableArn: arn,
    TableId: table.id,
    TableStatus: status === 'ACTIVE' ? statusOf(table) : status,
    CreationDateTime: new Date(table.createdAt),
    ...(count && { ItemCount: count.table.items, TableSizeBytes: count.table.bytes }),
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: describedKeys(table.keys),
    ProvisionedThroughput: describedThroughput(table.throughput),
    BillingModeSummary: { BillingMode: table.throughput ? 'PROVISIONED' : 'PAY_PER_REQUEST' },
    TableClassSummary: { TableClass: table.tableClass as 'STANDARD' },
    DeletionProtectionEnabled: table.isProtected,
    ...describedStream(table, ctx),
    ...(table.restored && { RestoreSummary: describedRestore(table, table.restored) }),
    ...(table.encryption && { SSEDescription: describedEncryption(table.encryption, ctx) }),
    ...(local.length > 0 && { LocalSecondaryIndexes: local }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: global }),
  }
}

function describedIndex(index: Index, arn: string, totals: Totals | undefined) {
  const { type, attributes } = index.projection
  return {
    IndexName: index.name,
    IndexArn: `${arn}/index/${index.name}`,
    KeySchema: describedKeys(index.keys),
    Projection: { ProjectionType: type, ...(attributes && { NonKeyAttributes: attributes }) },
    ...(totals && { ItemCount: totals.items, IndexSizeBytes: totals.bytes }),
  }
}

export function describedKeys({ partition, sort }: KeySchema) {
  const keys = [{ AttributeName: partition.name, KeyType: 'HASH' as const }]
  return sort ? [...keys, { AttributeName: sort.name, KeyType: 'RANGE' as const }] : keys
}
