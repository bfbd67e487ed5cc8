/** CREATE VIEW: a query's text in the Catalog, in the form that Athena gives it. */
import type { TableInput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import { createdColumns } from '../../engines/sql/athena/tableWriting.ts'
import { toHive } from '../../engines/sql/trino/hiveColumns.ts'
import { typeName } from '../../engines/sql/trino/sqlTypes.ts'
import type { StatementPlace } from './catalogStatements.ts'
import { compileOnly } from './selecting.ts'

/** A view's table in the Catalog: its query is compiled, and none of its rows are read. */
export async function viewText(
  statement: Extract<AthenaStatement, { kind: 'createView' }>,
  place: StatementPlace,
  ctx: Context,
): Promise<TableInput> {
  const compiled = await compileOnly({ ...place, sql: statement.query, parameters: [] }, ctx)
  const columns = createdColumns(compiled)
  const encoded = Buffer.from(
    JSON.stringify({
      originalSql: statement.query,
      catalog: 'awsdatacatalog',
      schema: place.database,
      columns: columns.map(({ name, type }) => ({ name, type: typeName(type) })),
    }),
  ).toString('base64')
  return {
    Name: statement.name.name,
    TableType: 'VIRTUAL_VIEW',
    ViewOriginalText: `/* Presto View: ${encoded} */`,
    ViewExpandedText: '/* Presto View */',
    Parameters: { presto_view: 'true', comment: 'Presto View' },
    PartitionKeys: [],
    StorageDescriptor: {
      Columns: columns.map(({ name, type }) => ({ Name: name, Type: toHive(type) })),
      Location: '',
      SerdeInfo: {},
    },
  }
}
