/** information_schema over the Data Catalog: schemata, tables, views, columns, as Trino shows them. */
import type { Table } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import type { LinkedTable } from '../../engines/sql/athena/athenaQuery.ts'
import { isIceberg } from '../../engines/sql/iceberg/icebergTables.ts'
import type { TableReference } from '../../engines/sql/trino/compilation.ts'
import { fromHive } from '../../engines/sql/trino/hiveColumns.ts'
import { typeName } from '../../engines/sql/trino/sqlTypes.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'

export const schemaName = 'information_schema'
const catalogName = 'awsdatacatalog'

type Cell = string | number | null

interface Kind {
  columns: readonly [name: string, type: string][]
  rows(databases: ReadonlyMap<string, Table[]>): Cell[][]
}

const isView = (table: Table) => table.TableType === 'VIRTUAL_VIEW'

const kinds: Record<string, Kind> = {
  schemata: {
    columns: [
      ['catalog_name', 'string'],
      ['schema_name', 'string'],
    ],
    rows: (databases) => [...databases.keys(), schemaName].map((name) => [catalogName, name]),
  },
  tables: {
    columns: [
      ['table_catalog', 'string'],
      ['table_schema', 'string'],
      ['table_name', 'string'],
      ['table_type', 'string'],
    ],
    rows: (databases) =>
      eachTable(databases, (schema, table) => [
        [catalogName, schema, table.Name ?? '', isView(table) ? 'VIEW' : 'BASE TABLE'],
      ]),
  },
  views: {
    columns: [
      ['table_catalog', 'string'],
      ['table_schema', 'string'],
      ['table_name', 'string'],
      ['view_definition', 'string'],
    ],
    rows: (databases) =>
      eachTable(databases, (schema, table) =>
        isView(table) ? [[catalogName, schema, table.Name ?? '', table.ViewOriginalText ?? null]] : [],
      ),
  },
  columns: {
    columns: [
      ['table_catalog', 'string'],
      ['table_schema', 'string'],
      ['table_name', 'string'],
      ['column_name', 'string'],
      ['ordinal_position', 'bigint'],
      ['column_default', 'string'],
      ['is_nullable', 'string'],
      ['data_type', 'string'],
      ['comment', 'string'],
      ['extra_info', 'string'],
    ],
    rows: (databases) => eachTable(databases, columnRows),
  },
}

function eachTable(
  databases: ReadonlyMap<string, Table[]>,
  rows: (schema: string, table: Table) => Cell[][],
): Cell[][] {
  return [...databases].flatMap(([schema, tables]) => tables.flatMap((table) => rows(schema, table)))
}

function columnRows(schema: string, table: Table): Cell[][] {
  const own = table.StorageDescriptor?.Columns ?? []
  const keys = table.PartitionKeys ?? []
  return [...own, ...keys].map((column, i) => [
    ...[catalogName, schema, table.Name ?? '', (column.Name ?? '').toLowerCase()],
    ...[i + 1, null, 'YES', shownType(table, column.Type ?? 'string')],
    ...[column.Comment ?? null, i >= own.length ? 'partition key' : null],
  ])
}

/** Moments of Iceberg tables have microseconds. */
function shownType({ Parameters }: Table, type: string): string {
  const name = typeName(fromHive(type))
  return isIceberg({ parameters: Parameters ?? {} }) ? name.replaceAll('timestamp(3)', 'timestamp(6)') : name
}

export async function informationSchema({ database, table, at }: TableReference, ctx: Context): Promise<LinkedTable> {
  const kind = Object.hasOwn(kinds, table) ? kinds[table] : undefined
  if (!kind) throw trinoError('TABLE_NOT_FOUND', `Table '${catalogName}.${database}.${table}' does not exist`, at)
  const columns = kind.columns.map(([name, type]) => ({ name, type }))
  const shape = { location: '', serde: '', serdeParameters: {}, parameters: {}, partitionKeys: [] }
  return {
    table: { ...shape, database, name: table, columns },
    groups: [],
    folders: [],
    uris: new Map(),
    rows: kind.rows(await allTables(ctx)),
  }
}

async function allTables(ctx: Context): Promise<Map<string, Table[]>> {
  const glue = ctx.call('glue')
  const found = new Map<string, Table[]>()
  let next: string | undefined
  do {
    const page = await glue.GetDatabases(next === undefined ? {} : { NextToken: next })
    for (const { Name = '' } of page.DatabaseList ?? []) found.set(Name, [])
    next = page.NextToken
  } while (next !== undefined)
  for (const [database, tables] of found) {
    do {
      const page = await glue.GetTables({ DatabaseName: database, NextToken: next })
      tables.push(...(page.TableList ?? []))
      next = page.NextToken
    } while (next !== undefined)
  }
  return found
}
