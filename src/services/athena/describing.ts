/** DESCRIBE, DESCRIBE EXTENDED and DESCRIBE FORMATTED, in the columns that Hive aligns. */
import type { Table } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import { catalogTable } from '../../engines/sql/catalogFiles.ts'
import { isIceberg } from '../../engines/sql/iceberg/icebergTables.ts'
import { fromHive } from '../../engines/sql/trino/hiveColumns.ts'
import { typeName } from '../../engines/sql/trino/sqlTypes.ts'
import type { Lines, StatementPlace } from './catalogStatements.ts'
import { describeIceberg } from './icebergShowing.ts'

type Catalogued = Awaited<ReturnType<typeof catalogTable>>

const width = 20
const line = (...cells: string[]) => cells.map((cell) => cell.padEnd(width)).join('\t')

export async function describe(
  statement: Extract<AthenaStatement, { kind: 'describe' }>,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const name = { database: statement.name.database ?? place.database, table: statement.name.name }
  const table = await catalogTable(ctx, name)
  if (isIceberg(table)) return describeIceberg(ctx, table)
  const columns = ['col_name', 'data_type', 'comment']
  // A view is described by Trino, in its own types.
  if (table.view !== undefined) {
    const rows = table.columns.map((column) => `${column.name}\t${typeName(fromHive(column.type))}\t\t`)
    return { columns: ['Column', 'Type', 'Extra', 'Comment'], rows }
  }
  if (statement.how === 'plain') return { columns, rows: [...columnLines(table), ...partitionLines(table)] }
  const { Table: stored } = await ctx.call('glue').GetTable({ DatabaseName: name.database, Name: name.table })
  if (statement.how === 'extended') {
    const rows = [
      ...columnLines(table),
      ...partitionLines(table),
      '\t \t ',
      `Detailed Table Information\t${JSON.stringify(stored)}\t`,
    ]
    return { columns, rows }
  }
  const header = [`${'# col_name'.padEnd(width)}\t${'data_type'.padEnd(width)}\t${'comment'.padEnd(width)}`, '\t \t ']
  return {
    columns,
    rows: [...header, ...columnLines(table), ...partitionLines(table), ...details(table, stored ?? {})],
  }
}

function columnLines(table: Catalogued): string[] {
  return [...table.columns, ...table.partitionKeys].map(({ name, type, comment }) => line(name, type, comment ?? ''))
}

function partitionLines(table: Catalogued): string[] {
  if (table.partitionKeys.length === 0) return []
  return [
    '\t \t ',
    '# Partition Information\t \t ',
    line('# col_name', 'data_type', 'comment'),
    '\t \t ',
    ...table.partitionKeys.map(({ name, type, comment }) => line(name, type, comment ?? '')),
  ]
}

function details(table: Catalogued, stored: Partial<Table>): string[] {
  const storage = stored.StorageDescriptor
  const pairs = (values: Record<string, string>) =>
    Object.entries(values).map(([key, value]) => `\t${key.padEnd(width)}\t${value.padEnd(width)}`)
  return [
    '\t \t ',
    '# Detailed Table Information\t \t ',
    line('Database:', table.database, ''),
    line('Owner:', stored.Owner ?? 'hadoop', ''),
    line('CreateTime:', stored.CreateTime ? new Date(stored.CreateTime).toUTCString() : '', ''),
    line('LastAccessTime:', 'UNKNOWN', ''),
    line('Protect Mode:', 'None', ''),
    line('Retention:', String(stored.Retention ?? 0), ''),
    line('Location:', table.location, ''),
    line('Table Type:', stored.TableType ?? 'EXTERNAL_TABLE', ''),
    'Table Parameters:\t \t ',
    ...pairs(table.parameters),
    '\t \t ',
    '# Storage Information\t \t ',
    line('SerDe Library:', table.serde, ''),
    line('InputFormat:', storage?.InputFormat ?? '', ''),
    line('OutputFormat:', storage?.OutputFormat ?? '', ''),
    line('Compressed:', storage?.Compressed ? 'Yes' : 'No', ''),
    line('Num Buckets:', String(storage?.NumberOfBuckets ?? -1), ''),
    line('Bucket Columns:', `[${(storage?.BucketColumns ?? []).join(', ')}]`, ''),
    line('Sort Columns:', '[]', ''),
    'Storage Desc Params:\t \t ',
    ...pairs(table.serdeParameters),
  ]
}
