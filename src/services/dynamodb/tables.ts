/** A table's record, and what requests about tables answer. */
import type { TableDescription } from '@aws-sdk/client-dynamodb'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { attributesOf, type KeySchema } from './keys.ts'

const { ResourceNotFoundException } = awsErrors('dynamodb')

export interface Throughput {
  ReadCapacityUnits: number
  WriteCapacityUnits: number
}

export interface Index {
  name: string
  /** Names its entries. */
  id: string
  kind: 'global' | 'local'
  keys: KeySchema
  projection: { type: 'ALL' | 'KEYS_ONLY' | 'INCLUDE'; attributes?: string[] }
  throughput?: Throughput
  status: 'CREATING' | 'ACTIVE'
}

export interface Table {
  name: string
  /** Names its items: a table made again under the same name begins empty. */
  id: string
  createdAt: Millis
  keys: KeySchema
  indexes: Index[]
  isProtected: boolean
  tableClass: string
  /** Of a provisioned table; without it the table is on demand. */
  throughput?: Throughput
  tags: Record<string, string>
}

export const tables = collection<Table>('dynamodb/tables', { version: 1, kept: true, key: (table) => [table.name] })

export function tableNameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn
}

/** For requests on items. */
export function mustGetTable(from: Pick<Context, 'in'> | Pick<Tx, 'in'>, nameOrArn: string): Table {
  const table = from.in(tables).get(tableNameOf(nameOrArn))
  if (table) return table
  throw ResourceNotFoundException('Requested resource not found')
}

/** For requests on the table itself. */
export function mustDescribeTable(from: Pick<Context, 'in'> | Pick<Tx, 'in'>, nameOrArn: string): Table {
  const name = tableNameOf(nameOrArn)
  const table = from.in(tables).get(name)
  if (table) return table
  throw ResourceNotFoundException(`Requested resource not found: Table: ${name} not found`)
}

export function tableArn(name: string, { account, region }: { account: string; region: string }): string {
  return `arn:aws:dynamodb:${region}:${account}:table/${name}`
}

function describedThroughput(throughput: Throughput | undefined) {
  return { NumberOfDecreasesToday: 0, ...(throughput ?? { ReadCapacityUnits: 0, WriteCapacityUnits: 0 }) }
}

export function described(table: Table, ctx: Context, status: 'ACTIVE' | 'DELETING' = 'ACTIVE'): TableDescription {
  const arn = tableArn(table.name, ctx)
  const schemas = [table.keys, ...table.indexes.map((index) => index.keys)]
  const types = new Map(schemas.flatMap(attributesOf).map(({ name, type }) => [name, type]))
  const local = table.indexes.filter((index) => index.kind === 'local').map((index) => describedIndex(index, arn))
  const global = table.indexes
    .filter((index) => index.kind === 'global')
    .map((index) => ({
      ...describedIndex(index, arn),
      IndexStatus: index.status,
      ProvisionedThroughput: describedThroughput(index.throughput),
      ...(index.status === 'CREATING' && { Backfilling: true }),
    }))
  const isUpdating = table.indexes.some((index) => index.status !== 'ACTIVE')
  return {
    TableName: table.name,
    TableArn: arn,
    TableId: table.id,
    TableStatus: isUpdating && status === 'ACTIVE' ? 'UPDATING' : status,
    CreationDateTime: new Date(table.createdAt),
    AttributeDefinitions: [...types].map(([AttributeName, AttributeType]) => ({ AttributeName, AttributeType })),
    KeySchema: describedKeys(table.keys),
    ProvisionedThroughput: describedThroughput(table.throughput),
    BillingModeSummary: { BillingMode: table.throughput ? 'PROVISIONED' : 'PAY_PER_REQUEST' },
    TableClassSummary: { TableClass: table.tableClass as 'STANDARD' },
    DeletionProtectionEnabled: table.isProtected,
    ...(local.length > 0 && { LocalSecondaryIndexes: local }),
    ...(global.length > 0 && { GlobalSecondaryIndexes: global }),
  }
}

function describedIndex(index: Index, arn: string) {
  const { type, attributes } = index.projection
  return {
    IndexName: index.name,
    IndexArn: `${arn}/index/${index.name}`,
    KeySchema: describedKeys(index.keys),
    Projection: { ProjectionType: type, ...(attributes && { NonKeyAttributes: attributes }) },
  }
}

function describedKeys({ partition, sort }: KeySchema) {
  const keys = [{ AttributeName: partition.name, KeyType: 'HASH' as const }]
  return sort ? [...keys, { AttributeName: sort.name, KeyType: 'RANGE' as const }] : keys
}
