/** A table's record, and how requests find it. */
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import type { KeySchema } from './keys.ts'

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

/** The stream that is on. */
export interface TableStream {
  /** Names its records. */
  id: string
  label: string
  viewType: string
}

/** With a key of KMS: the account's own for DynamoDB, where none is named. */
export interface Encryption {
  keyId?: string
}

export interface Recovery {
  log: string
  since: Millis
  days: number
}

/** What a table was made from. */
export interface Restored {
  from: string
  backup?: string
  at: Millis
}

export interface TimeToLive {
  /** Names its entries. */
  id: string
  attribute: string
  status: 'ENABLING' | 'ENABLED'
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
  stream?: TableStream
  /** Also of one that was switched off. */
  latestStreamLabel?: string
  timeToLive?: TimeToLive
  encryption?: Encryption
  recovery?: Recovery
  /** Logs that say what items were before each change. */
  logs?: string[]
  restored?: Restored
  /** Restored or imported, and not whole yet: nothing reads or writes it. */
  isBeingMade?: boolean
}

export const tables = collection<Table>('dynamodb/tables', { version: 1, kept: true, key: (table) => [table.name] })

export function tableNameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn
}

/** For requests on items. */
export function mustGetTable(from: Pick<Context, 'in'> | Pick<Tx, 'in'>, nameOrArn: string): Table {
  const table = from.in(tables).get(tableNameOf(nameOrArn))
  if (table && !table.isBeingMade) return table
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
