/** DESCRIBE, SHOW CREATE TABLE and SHOW TBLPROPERTIES of Iceberg tables, from the metadata file and not the Catalog's copy. */
import type { Context } from '../../delivery/context.ts'
import { athenaProperties } from '../../engines/sql/athena/icebergDdl.ts'
import type { CatalogTable } from '../../engines/sql/catalogTable.ts'
import { catalogTypeOf } from '../../engines/sql/iceberg/icebergSchema.ts'
import { describeAt, metadataLocationOf } from '../../engines/sql/iceberg/icebergTables.ts'
import type { Lines } from './catalogStatements.ts'

const described = (ctx: Context, table: CatalogTable) => describeAt(ctx, metadataLocationOf(table))

export async function describeIceberg(ctx: Context, table: CatalogTable): Promise<Lines> {
  const { schema, partitioning } = await described(ctx, table)
  const columns = schema.fields.map(({ name, type, doc }) => `${name}\t${shownType(catalogTypeOf(type))}\t${doc ?? ''}`)
  const fields = partitioning.map(({ name, transform, column }) => `${name}\t${transform}\t${column}`)
  const partitions = ['', '# Partition spec:', '# field_name\tfield_transform\tcolumn_name', ...fields]
  return {
    columns: ['col_name', 'data_type', 'comment'],
    rows: ['# Table schema:', '# col_name\tdata_type\tcomment', ...columns, ...(fields.length > 0 ? partitions : [])],
  }
}

const shownType = (type: string) => type.replaceAll(',', ', ').replaceAll(':', ': ')

export async function showIcebergProperties(ctx: Context, table: CatalogTable): Promise<Lines> {
  const { properties } = await described(ctx, table)
  const rows = Object.entries(athenaProperties(properties)).map(([name, value]) => `${name}\t${value}`)
  return { columns: ['prpt_name', 'prpt_value'], rows }
}

export async function showCreateIceberg(ctx: Context, table: CatalogTable): Promise<Lines> {
  const { schema, partitioning, location, properties } = await described(ctx, table)
  const quoted = (text: string) => `'${text.replaceAll("'", "\\'")}'`
  const columns = schema.fields.map(({ name, type, doc }) => {
    return `  ${name} ${catalogTypeOf(type)}${doc ? ` COMMENT ${quoted(doc)}` : ''}`
  })
  const fields = partitioning.map(({ column, transform }) => transformText(column, transform))
  const all = { table_type: 'iceberg', ...athenaProperties(properties) }
  const pairs = Object.entries(all).map(([name, value]) => `  ${quoted(name)}=${quoted(value)}`)
  const text = [
    `CREATE TABLE ${table.database}.${table.name} (`,
    `${columns.join(',\n')})`,
    ...(fields.length > 0 ? [`PARTITIONED BY (${fields.join(', ')})`] : []),
    `LOCATION ${quoted(location)}`,
    'TBLPROPERTIES (',
    pairs.join(',\n'),
    ');',
  ].join('\n')
  return { columns: ['createtab_stmt'], rows: text.split('\n') }
}

/** `bucket[4]` of `id` as the statement had it: bucket(4, `id`). */
function transformText(column: string, transform: string): string {
  if (transform === 'identity') return `\`${column}\``
  const [, name = transform, width] = /^(\w+)(?:\[(\d+)\])?$/.exec(transform) ?? []
  return width === undefined ? `${name}(\`${column}\`)` : `${name}(${width}, \`${column}\`)`
}
