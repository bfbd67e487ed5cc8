/** Lookup tables: CSV that queries look values up in, kept as it was uploaded. */
import type { LookupTable as ShownTable } from '@aws-sdk/client-cloudwatch-logs'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import type { NeededLookup } from '../../engines/insights/lookups.ts'
import type { LookupTable } from '../../engines/insights/running.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { csvRows } from './csvRows.ts'
import { pageOf } from './pages.ts'

const {
  InvalidParameterException,
  LimitExceededException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  ValidationException,
} = awsErrors('cloudwatch-logs')

/** Without its text, which is long. */
interface StoredTable {
  name: string
  description?: string
  header: string[]
  rows: number
  bytes: number
  updatedAt: Millis
}

const tables = collection<StoredTable>('logs/lookup-tables', { version: 1, key: ({ name }) => [name] })

const bodies = collection<{ name: string; text: string }>('logs/lookup-bodies', {
  version: 1,
  key: ({ name }) => [name],
})

const tablesMax = 100
const bytesMax = 10 * 1024 * 1024

export const lookupTableOperations = operations('cloudwatch-logs', {
  async CreateLookupTable(input, ctx) {
    const { lookupTableName: name, description } = input
    if (input.tags) throw NotImplemented('CreateLookupTable with tags')
    const { table, text } = tableFrom(name, input, ctx.clock.now())
    await ctx.commit((tx) => {
      if (tx.in(tables).has(name)) throw ResourceAlreadyExistsException('The specified lookup table already exists.')
      if (tx.in(tables).count() >= tablesMax) throw LimitExceededException('Resource limit exceeded.')
      tx.in(tables).put({ ...table, ...(description !== undefined && { description }) })
      tx.in(bodies).put({ name, text })
    })
    return { lookupTableArn: tableArn(ctx, name), createdAt: table.updatedAt }
  },

  async UpdateLookupTable(input, ctx) {
    const name = nameOf(input.lookupTableArn)
    const { table, text } = tableFrom(name, input, ctx.clock.now())
    await ctx.commit((tx) => {
      const description = input.description ?? mustGetTable(tx, name).description
      tx.in(tables).put({ ...table, ...(description !== undefined && { description }) })
      tx.in(bodies).put({ name, text })
    })
    return { lookupTableArn: tableArn(ctx, name), lastUpdatedTime: table.updatedAt }
  },

  async GetLookupTable(input, ctx) {
    const {
      tableFields: _,
      recordsCount: __,
      ...shown
    } = shownTable(ctx, mustGetTable(ctx, nameOf(input.lookupTableArn)))
    return { ...shown, tableBody: ctx.in(bodies).get(nameOf(input.lookupTableArn))?.text ?? '' }
  },

  async DescribeLookupTables({ lookupTableNamePrefix = '', nextToken: token, maxResults: limit }, ctx) {
    const found = [...ctx.in(tables).list()].filter(({ name }) => name.startsWith(lookupTableNamePrefix))
    const { items, nextToken } = pageOf(found, ({ name }) => name, { token, limit })
    return { lookupTables: items.map((table) => shownTable(ctx, table)), ...(nextToken && { nextToken }) }
  },

  async DeleteLookupTable(input, ctx) {
    await ctx.commit((tx) => {
      const { name } = mustGetTable(tx, nameOf(input.lookupTableArn))
      tx.in(tables).delete(name)
      tx.in(bodies).delete(name)
    })
    return {}
  },
})

interface TableInput {
  tableBody?: string | undefined
  queryId?: string | undefined
  kmsKeyId?: string | undefined
}

/** Errors: ValidationException, NotImplemented. */
function tableFrom(
  name: string,
  { tableBody: text, queryId, kmsKeyId }: TableInput,
  now: Millis,
): { table: StoredTable; text: string } {
  if (kmsKeyId !== undefined) throw NotImplemented('A lookup table with kmsKeyId')
  if (queryId !== undefined && text === undefined) throw NotImplemented('A lookup table made of the results of a query')
  if (text === undefined || queryId !== undefined) {
    throw ValidationException('Exactly one of tableBody and queryId must be specified.')
  }
  const bytes = Buffer.byteLength(text)
  if (bytes > bytesMax) throw ValidationException('The lookup table must not exceed 10 MB.')
  const [header, ...rows] = csvRows(text) ?? []
  if (!header || header.includes(''))
    throw ValidationException('The CSV content must include a header row with column names.')
  if (new Set(header).size < header.length)
    throw ValidationException('The column names of the CSV content must be unique.')
  if (rows.some((row) => row.length !== header.length)) {
    throw ValidationException('Each row of the CSV content must have as many values as the header row.')
  }
  return { table: { name, header, rows: rows.length, bytes, updatedAt: now }, text }
}

function shownTable(ctx: Context, { name, description, header, rows, bytes, updatedAt }: StoredTable): ShownTable {
  return {
    lookupTableArn: tableArn(ctx, name),
    lookupTableName: name,
    ...(description !== undefined && { description }),
    tableFields: header,
    recordsCount: rows,
    sizeBytes: bytes,
    lastUpdatedTime: updatedAt,
  }
}

/** Errors: ResourceNotFoundException. */
function mustGetTable(place: Pick<Context | Tx, 'in'>, name: string): StoredTable {
  const table = place.in(tables).get(name)
  if (!table) throw ResourceNotFoundException('The specified lookup table does not exist.')
  return table
}

/** Errors: ResourceNotFoundException, InvalidParameterException where it lacks a column that a query names. */
export function checkLookup(place: Pick<Context | Tx, 'in'>, { table, columns }: NeededLookup): void {
  const { header } = mustGetTable(place, table)
  const missing = columns.find((column) => !header.includes(column))
  if (missing !== undefined) throw InvalidParameterException(`The lookup table ${table} has no field ${missing}.`)
}

/** Errors: ResourceNotFoundException. */
export function readLookupTable(place: Pick<Context | Tx, 'in'>, name: string): LookupTable {
  const { header } = mustGetTable(place, name)
  return { header, rows: (csvRows(place.in(bodies).get(name)?.text ?? '') ?? []).slice(1) }
}

function tableArn({ account, region }: Pick<Context, 'account' | 'region'>, name: string): string {
  return `arn:aws:logs:${region}:${account}:lookup-table:${name}`
}

/** Errors: InvalidParameterException. */
function nameOf(arn: string): string {
  const name = /^arn:[\w-]+:logs:[\w-]+:\d{12}:lookup-table:(\w+)$/.exec(arn)?.[1]
  if (name === undefined) throw InvalidParameterException(`${arn} is not the ARN of a lookup table.`)
  return name
}
