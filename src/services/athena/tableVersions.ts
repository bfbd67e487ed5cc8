/** `FOR TIMESTAMP AS OF` and `FOR VERSION AS OF`: their values, which are computed before the query is compiled. */
import type { Context } from '../../delivery/context.ts'
import { runQuery } from '../../engines/sql/athena/athenaQuery.ts'
import type { SnapshotChoice } from '../../engines/sql/iceberg/icebergTables.ts'
import type { TableReference } from '../../engines/sql/trino/compilation.ts'
import { typeName } from '../../engines/sql/trino/sqlTypes.ts'
import { trinoError } from '../../engines/sql/trino/trinoErrors.ts'
import { engineSettings } from './engineSettings.ts'

/** Errors: as Trino's for a value of a wrong type, or none. */
export async function snapshotChoice(
  { version, database, table }: TableReference,
  ctx: Context,
): Promise<SnapshotChoice | undefined> {
  if (!version) return undefined
  const { at, text, kind } = version
  const { value, type } = await evaluated(`SELECT ${text}`, ctx)
  if (value === null) throw trinoError('INVALID_ARGUMENTS', 'Pointer value cannot be NULL', at)
  if (kind === 'VERSION') {
    if (['tinyint', 'smallint', 'integer', 'bigint'].includes(type.kind)) return { snapshot_id: String(value) }
    if (type.kind === 'varchar') return { reference: String(value) }
    throw trinoError('NOT_SUPPORTED', `Unsupported type for table version: ${typeName(type)}`, at)
  }
  if (type.kind !== 'timestamp' && type.kind !== 'date') {
    throw trinoError(
      'INVALID_ARGUMENTS',
      `Type ${typeName(type)} invalid. Temporal pointers must be of type date, timestamp, or timestamp with time zone.`,
      at,
    )
  }
  const moment = await evaluated(
    `SELECT CAST(floor(to_unixtime(CAST(${text} AS timestamp(3) with time zone)) * 1000) AS bigint)`,
    ctx,
  )
  return { as_of: Number(moment.value), as_of_text: text, name: `"${database}"."${table}"` }
}

async function evaluated(sql: string, ctx: Context) {
  const running = await runQuery(sql, [], { database: 'default', ...engineSettings(ctx) })
  try {
    let value: unknown = null
    for await (const rows of running.rows()) value = rows[0]?.[0] ?? null
    const [column] = running.columns
    return { value, type: (column as { type: (typeof running.columns)[number]['type'] }).type }
  } finally {
    running.close()
  }
}
