/** A query from its text to its CSV: its tables from the Catalog, their links, the engine, the rows. */
import type { Context } from '../../delivery/context.ts'
import type { LakeView } from '../../delivery/lake.ts'
import { compiledQuery, type QuerySettings, type RunningQuery, runQuery } from '../../engines/sql/athena/athenaQuery.ts'
import type { CatalogTable } from '../../engines/sql/catalogTable.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { resultText, resultType } from '../../engines/sql/trino/resultText.ts'
import type { SqlType } from '../../engines/sql/trino/sqlTypes.ts'
import type { CompiledStatement } from '../../engines/sql/trino/statement.ts'
import { engineSettings } from './engineSettings.ts'
import { linkTables } from './queryTables.ts'
import { csvLine, type NewResult } from './resultFiles.ts'
import type { Outcome } from './running.ts'
import { QueryCut, runningQueries } from './runningQueries.ts'

export interface QueryText {
  id: string
  sql: string
  database: string
  parameters: string[]
  bytesMax: number | undefined
  /** Objects whose names have this are not read: an earlier, killed run of the query wrote them. */
  without?: string
  /** The Iceberg table that the query's statement changes. */
  target?: { table: CatalogTable; metadataLocation: string; only?: ReadonlySet<string> }
}

export async function selectToCsv(query: QueryText, ctx: Context, result: NewResult): Promise<Outcome> {
  return withQuery(query, ctx, async (running, bytesScanned) => {
    const columns = running.columns.map((column) => ({ name: column.name, ...resultType(column.type) }))
    await result.write(csvLine(columns.map((column) => column.name)))
    const types = running.columns.map((column) => column.type)
    for await (const rows of running.rows()) {
      await result.write(
        rows.map((row) => csvLine(row.map((value, i) => resultText(value, types[i] as SqlType)))).join(''),
      )
    }
    return { columns, bytesScanned, hasHeader: true }
  })
}

/** The query compiled against its tables, none of whose rows are read. */
export async function compileOnly(query: QueryText, ctx: Context): Promise<CompiledStatement> {
  const views: LakeView[] = []
  try {
    const tables = await linkTables({ ...query, isOnlyCompiled: true }, ctx, views)
    return compiledQuery(query.sql, tables, settingsOf(query, ctx))
  } finally {
    for (const view of views) await view.close()
  }
}

function settingsOf(query: QueryText, ctx: Context): QuerySettings {
  return {
    ...engineSettings(ctx),
    database: query.database,
    parameters: query.parameters,
  }
}

/** Runs a query and hands it over; its engine and its links are gone afterwards. */
export async function withQuery<T>(
  query: QueryText,
  ctx: Context,
  use: (running: RunningQuery, bytesScanned: number) => Promise<T>,
  write?: QuerySettings['write'],
): Promise<T> {
  const cut = new QueryCut()
  const begins = (interrupt: () => void) => cut.begins(interrupt)
  const settings = { ...settingsOf(query, ctx), begins, ...(write && { write }) }
  const views: LakeView[] = []
  ctx.use(runningQueries).add(query.id, () => cut.ask())
  try {
    const tables = await linkTables(query, ctx, views)
    const bytesScanned = tables.flatMap((table) => table.groups).reduce((sum, group) => sum + group.bytes, 0)
    if (query.bytesMax !== undefined && bytesScanned > query.bytesMax) {
      throw new SqlError(
        `Bytes scanned limit was exceeded: ${bytesScanned} of ${query.bytesMax}`,
        undefined,
        'BYTES_SCANNED_LIMIT',
      )
    }
    const running = await runQuery(query.sql, tables, settings)
    try {
      return await use(running, bytesScanned)
    } finally {
      running.close()
    }
  } finally {
    ctx.use(runningQueries).remove(query.id)
    cut.end()
    for (const view of views) await view.close()
  }
}
