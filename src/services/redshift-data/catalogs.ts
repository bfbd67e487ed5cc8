/** ListDatabases, ListSchemas, ListTables, DescribeTable: read from the warehouse's own catalog, at once. */
import type { ColumnMetadata } from '@aws-sdk/client-redshift-data'
import type { Context } from '../../delivery/context.ts'
import { quoteText } from '../../engines/sql/cursor.ts'
import type { Value } from '../../engines/sql/duckdb.ts'
import { warehouses } from '../../engines/sql/redshift/warehouses.ts'
import { operations } from '../service.ts'
import { mustFindDatabase, warehousePlace } from './addresses.ts'
import { lakeAccess } from './lakeAccess.ts'

type Asked = Parameters<typeof mustFindDatabase>[1]

export const catalogOperations = operations('redshift-data', {
  async ListDatabases(input, ctx) {
    const { database } = await mustFindDatabase(ctx, input)
    return { Databases: [database] }
  },

  async ListSchemas(input, ctx) {
    const rows = await ask(ctx, input, 'SELECT schema_name FROM information_schema.schemata ORDER BY 1')
    return { Schemas: rows.map((row) => String(row[0])).filter(like(input.SchemaPattern)) }
  },

  async ListTables(input, ctx) {
    const rows = await ask(ctx, input, 'SELECT table_schema, table_name, table_type FROM svv_tables ORDER BY 1, 2')
    const tables = rows.filter(
      (row) => like(input.SchemaPattern)(String(row[0])) && like(input.TablePattern)(String(row[1])),
    )
    return {
      Tables: tables.map((row) => ({
        schema: String(row[0]),
        name: String(row[1]),
        type: row[2] === 'VIEW' ? 'VIEW' : 'TABLE',
      })),
    }
  },

  async DescribeTable(input, ctx) {
    const schema = input.Schema ?? 'public'
    const rows = await ask(
      ctx,
      input,
      `SELECT column_name, data_type, is_nullable, numeric_precision, numeric_scale, character_maximum_length, column_default FROM svv_columns
       WHERE table_schema = ${quoteText(schema)} AND table_name = ${quoteText(input.Table ?? '')} ORDER BY ordinal_position`,
    )
    const ColumnList = rows.map(
      (row): ColumnMetadata => ({
        name: String(row[0]),
        label: String(row[0]),
        typeName: String(row[1]),
        nullable: row[2] === 'YES' ? 1 : 0,
        precision: Number(row[3] ?? 0),
        scale: Number(row[4] ?? 0),
        length: Number(row[5] ?? 0),
        schemaName: schema,
        tableName: input.Table ?? '',
        ...(row[6] !== null && { columnDefault: String(row[6]) }),
      }),
    )
    return { TableName: input.Table, ColumnList }
  },
})

async function ask(ctx: Context, input: Asked, sql: string): Promise<Value[][]> {
  const address = await mustFindDatabase(ctx, input)
  const warehouse = await ctx.use(warehouses).get(warehousePlace(ctx, address), address.database)
  return warehouse.read(sql, lakeAccess(ctx))
}

/** SQL's LIKE: `%` and `_`. */
function like(pattern: string | undefined): (name: string) => boolean {
  if (pattern === undefined) return () => true
  const body = pattern
    .replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
    .replaceAll('%', '.*')
    .replaceAll('_', '.')
  const regex = new RegExp(`^${body}$`)
  return (name) => regex.test(name)
}
