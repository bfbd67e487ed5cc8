/** SHOW and DESCRIBE, in the text forms that Hive gives them. */
import type { Context } from '../../delivery/context.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import { catalogTable, partitionsOf } from '../../engines/sql/catalogFiles.ts'
import { isIceberg } from '../../engines/sql/iceberg/icebergTables.ts'
import { notSupported, SqlError } from '../../engines/sql/sqlError.ts'
import type { Lines, StatementPlace } from './catalogStatements.ts'
import { describe } from './describing.ts'
import { showCreateIceberg, showIcebergProperties } from './icebergShowing.ts'

type Show = Extract<AthenaStatement, { kind: 'show' | 'describe' }>

export async function showStatement(statement: Show, place: StatementPlace, ctx: Context): Promise<Lines> {
  if (statement.kind === 'describe') return describe(statement, place, ctx)
  const matches = patternOf(statement.pattern)
  switch (statement.what) {
    case 'databases':
      return { columns: ['database_name'], rows: (await databaseNames(ctx)).filter(matches).sort() }
    case 'tables':
    case 'views': {
      const tables = await tablesIn(ctx, statement.database ?? place.database)
      const wanted = statement.what === 'views' ? tables.filter((table) => table.TableType === 'VIRTUAL_VIEW') : tables
      return {
        columns: [statement.what === 'views' ? 'views' : 'tab_name'],
        rows: wanted
          .map((table) => table.Name ?? '')
          .filter(matches)
          .sort(),
      }
    }
    default:
      return showTable(statement, place, ctx)
  }
}

async function showTable(
  statement: Extract<Show, { kind: 'show' }>,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const database = statement.name?.database ?? place.database
  const table = await catalogTable(ctx, { database, table: statement.name?.name ?? '' })
  if (isIceberg(table)) {
    if (statement.what === 'properties') return showIcebergProperties(ctx, table)
    if (statement.what === 'createTable') return showCreateIceberg(ctx, table)
    if (statement.what === 'partitions') throw notSupported('SHOW PARTITIONS of an Iceberg table')
  }
  switch (statement.what) {
    case 'columns':
      return {
        columns: ['field'],
        rows: [...table.columns, ...table.partitionKeys].map((column) => column.name.padEnd(20)),
      }
    case 'partitions': {
      if (table.partitionKeys.length === 0) {
        throw new SqlError(
          `FAILED: Execution Error, return code 1 from org.apache.hadoop.hive.ql.exec.DDLTask. Table ${table.name} is not a partitioned table`,
          undefined,
          'HIVE_METASTORE_ERROR',
        )
      }
      const partitions = await partitionsOf(ctx, table)
      return {
        columns: ['partition'],
        rows: partitions.map((partition) =>
          table.partitionKeys.map((key, i) => `${key.name}=${partition.values[i]}`).join('/'),
        ),
      }
    }
    case 'properties':
      return {
        columns: ['prpt_name'],
        rows: Object.entries(table.parameters).map(([key, value]) => `${key}\t${value}`),
      }
    case 'createTable':
      return { columns: ['createtab_stmt'], rows: createTableText(table).split('\n') }
    case 'createView':
      if (table.view === undefined) throw notSupported('SHOW CREATE VIEW of a table')
      return {
        columns: ['Create View'],
        rows: `CREATE VIEW ${table.database}.${table.name} AS\n${table.view}`.split('\n'),
      }
    default:
      throw notSupported(`SHOW ${statement.what}`)
  }
}

function createTableText(table: Awaited<ReturnType<typeof catalogTable>>): string {
  const list = (columns: { name: string; type: string }[]) =>
    columns.map((column) => `  \`${column.name}\` ${column.type}`).join(', \n')
  const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`
  const pairs = (values: Record<string, string>) =>
    Object.entries(values)
      .map(([key, value]) => `  ${quoted(key)}=${quoted(value)}`)
      .join(', \n')
  let text = `CREATE EXTERNAL TABLE \`${table.database}.${table.name}\`(\n${list(table.columns)})`
  if (table.partitionKeys.length > 0) text += `\nPARTITIONED BY ( \n${list(table.partitionKeys)})`
  text += `\nROW FORMAT SERDE \n  ${quoted(table.serde)} `
  if (Object.keys(table.serdeParameters).length > 0)
    text += `\nWITH SERDEPROPERTIES ( \n${pairs(table.serdeParameters)}) `
  if (table.inputFormat) text += `\nSTORED AS INPUTFORMAT \n  ${quoted(table.inputFormat)} `
  text += `\nLOCATION\n  ${quoted(table.location)}`
  if (Object.keys(table.parameters).length > 0) text += `\nTBLPROPERTIES (\n${pairs(table.parameters)})`
  return text
}

async function databaseNames(ctx: Context): Promise<string[]> {
  const names: string[] = []
  let next: string | undefined
  do {
    const page = await ctx.call('glue').GetDatabases({ ...(next && { NextToken: next }) })
    names.push(...(page.DatabaseList ?? []).map((database) => database.Name ?? ''))
    next = page.NextToken
  } while (next)
  return names
}

async function tablesIn(ctx: Context, database: string) {
  const tables: { Name?: string | undefined; TableType?: string | undefined }[] = []
  let next: string | undefined
  do {
    const page = await ctx.call('glue').GetTables({ DatabaseName: database, ...(next && { NextToken: next }) })
    tables.push(...(page.TableList ?? []))
    next = page.NextToken
  } while (next)
  return tables
}

/** Hive's patterns are regular expressions in which `*` is anything; `|` stands between alternatives. */
function patternOf(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  const body = pattern
    .replaceAll('%', '*')
    .replaceAll('?', '.')
    .replaceAll('*', '.*')
    .split('|')
    .map((part) => part.trim())
    .join('|')
  try {
    const regex = new RegExp(`^(?:${body})$`, 'i')
    return (name) => regex.test(name)
  } catch {
    throw new SqlError(`FAILED: ParseException: '${pattern}' is no pattern`, undefined, 'SYNTAX_ERROR')
  }
}
