/** Statistics of a Catalog table's columns, in one scan of its files: bounds, nulls, distinct values, lengths. */
import type { ColumnStatistics, ColumnStatisticsData } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { openCatalogTable } from '../sql/catalogFiles.ts'
import { quoteName } from '../sql/cursor.ts'
import type { Connection } from '../sql/duckdb.ts'
import { parseHiveType } from '../sql/hiveTypes.ts'
import { spareDatabase } from '../sql/spareDatabase.ts'
import { tableRelation } from '../sql/tableFiles.ts'

interface Wanted {
  database: string
  table: string
  columns?: readonly string[]
  samplePercent?: number
}

type Computed = Omit<ColumnStatistics, 'AnalyzedTime'>
type Family = 'BOOLEAN' | 'DATE' | 'DECIMAL' | 'DOUBLE' | 'LONG' | 'STRING' | 'BINARY'

const families: Record<string, Family> = {
  boolean: 'BOOLEAN',
  date: 'DATE',
  decimal: 'DECIMAL',
  float: 'DOUBLE',
  double: 'DOUBLE',
  tinyint: 'LONG',
  smallint: 'LONG',
  int: 'LONG',
  bigint: 'LONG',
  string: 'STRING',
  varchar: 'STRING',
  char: 'STRING',
  binary: 'BINARY',
}

/** Columns of other types (timestamps, nested ones) have none. Errors: SqlError, EntityNotFoundException. */
export async function computedStatistics(ctx: Context, wanted: Wanted): Promise<Computed[]> {
  const { linked, views } = await openCatalogTable(ctx, wanted)
  const databases = ctx.use(spareDatabase)
  const database = await databases.open({ folders: linked.folders })
  const connection = await database.connect()
  try {
    const columns = linked.table.columns.flatMap(({ name, type }) => {
      const parsed = parseHiveType(type)
      const family = parsed.kind === 'scalar' ? families[parsed.name] : undefined
      const isAsked = !wanted.columns || wanted.columns.includes(name.toLowerCase())
      return family && parsed.kind === 'scalar' && isAsked ? [{ name, type, family, scale: parsed.args[1] ?? 0 }] : []
    })
    if (columns.length === 0) return []
    const relation = await tableRelation(linked.table, linked.groups, { connection })
    return await scan(connection, { relation, columns, samplePercent: wanted.samplePercent ?? 100 })
  } finally {
    connection.close()
    databases.discard(database)
    for (const view of views) await view.close()
  }
}

interface Asked {
  name: string
  type: string
  family: Family
  scale: number
}

interface Scan {
  relation: string
  columns: readonly Asked[]
  samplePercent: number
}

async function scan(connection: Connection, { relation, columns, samplePercent }: Scan): Promise<Computed[]> {
  const sample = samplePercent < 100 ? ` USING SAMPLE ${samplePercent} PERCENT (bernoulli)` : ''
  const asked = columns.map(expressionsOf)
  const [row = []] = await connection.all(`SELECT ${asked.flat().join(', ')} FROM (${relation}) AS t${sample}`)
  let at = 0
  return columns.map((column, index) => {
    const values = row
      .slice(at, at + (asked[index]?.length ?? 0))
      .map((value) => (value === null ? null : String(value)))
    at += values.length
    return { ColumnName: column.name, ColumnType: column.type, StatisticsData: dataOf(column, values) }
  })
}

/** What is asked of each family, as text, in the order that `dataOf` reads. */
function expressionsOf({ name, family }: Asked): string[] {
  const column = quoteName(name)
  const nulls = `(count(*) - count(${column}))::VARCHAR`
  const distinct = `count(DISTINCT ${column})::VARCHAR`
  switch (family) {
    case 'BOOLEAN':
      return [nulls, `count(*) FILTER (WHERE ${column})::VARCHAR`, `count(*) FILTER (WHERE NOT ${column})::VARCHAR`]
    case 'STRING':
      return [
        nulls,
        distinct,
        `coalesce(max(length(${column})), 0)::VARCHAR`,
        `coalesce(avg(length(${column})), 0)::VARCHAR`,
      ]
    case 'BINARY': {
      const length = `octet_length(${column})`
      return [nulls, `coalesce(max(${length}), 0)::VARCHAR`, `coalesce(avg(${length}), 0)::VARCHAR`]
    }
    default:
      return [nulls, distinct, `min(${column})::VARCHAR`, `max(${column})::VARCHAR`]
  }
}

function dataOf({ family, scale }: Asked, values: readonly (string | null)[]): ColumnStatisticsData {
  const number = (index: number) => Number(values[index] ?? 0)
  const nulls = { NumberOfNulls: number(0) }
  const counts = { ...nulls, NumberOfDistinctValues: number(1) }
  function bounds<T>(read: (text: string) => T): { MinimumValue?: T; MaximumValue?: T } {
    const [low, high] = [values[2] ?? null, values[3] ?? null]
    return { ...(low !== null && { MinimumValue: read(low) }), ...(high !== null && { MaximumValue: read(high) }) }
  }
  switch (family) {
    case 'BOOLEAN': {
      const shares = { NumberOfTrues: number(1), NumberOfFalses: number(2) }
      return { Type: family, BooleanColumnStatisticsData: { ...nulls, ...shares } }
    }
    case 'STRING': {
      const lengths = { MaximumLength: number(2), AverageLength: number(3) }
      return { Type: family, StringColumnStatisticsData: { ...counts, ...lengths } }
    }
    case 'BINARY': {
      const lengths = { MaximumLength: number(1), AverageLength: number(2) }
      return { Type: family, BinaryColumnStatisticsData: { ...nulls, ...lengths } }
    }
    case 'DATE':
      return {
        Type: family,
        DateColumnStatisticsData: { ...counts, ...bounds((text) => new Date(`${text}T00:00:00Z`)) },
      }
    case 'DECIMAL':
      return { Type: family, DecimalColumnStatisticsData: { ...counts, ...bounds((text) => decimalOf(text, scale)) } }
    case 'DOUBLE':
      return { Type: family, DoubleColumnStatisticsData: { ...counts, ...bounds(Number) } }
    case 'LONG':
      return { Type: family, LongColumnStatisticsData: { ...counts, ...bounds(Number) } }
  }
}

/** The unscaled value in two's complement, most significant byte first. */
function decimalOf(text: string, Scale: number): { UnscaledValue: Uint8Array; Scale: number } {
  const [whole = '0', points = ''] = text.split('.')
  const unscaled = BigInt(whole + points.padEnd(Scale, '0').slice(0, Scale))
  let length = 1
  while (BigInt.asIntN(length * 8, unscaled) !== unscaled) length += 1
  const hex = BigInt.asUintN(length * 8, unscaled)
    .toString(16)
    .padStart(length * 2, '0')
  return { UnscaledValue: Uint8Array.from(Buffer.from(hex, 'hex')), Scale }
}
