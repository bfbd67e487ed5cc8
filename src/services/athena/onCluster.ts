/** Statements that a Trino cluster runs in place of the embedded engine (`--athena-trino`), with Athena's own results. */
import type { Context } from '../../delivery/context.ts'
import { clusterText } from '../../engines/sql/athena/clusterText.ts'
import { type ClusterQuery, type TrinoCluster, trinoCluster } from '../../engines/sql/athena/trinoCluster.ts'
import { resultType } from '../../engines/sql/trino/resultText.ts'
import type { SqlType } from '../../engines/sql/trino/sqlTypes.ts'
import type { Lines } from './catalogStatements.ts'
import { csvLine, type NewResult } from './resultFiles.ts'
import type { Outcome } from './running.ts'
import { runningQueries } from './runningQueries.ts'
import type { QueryText } from './selecting.ts'

type OnCluster = Pick<QueryText, 'id' | 'sql' | 'database' | 'parameters'>

/** Undefined where the embedded engine runs them. */
export const clusterOf = (ctx: Context): TrinoCluster | undefined => ctx.use(trinoCluster)

export async function selectOnCluster(query: OnCluster, ctx: Context, result: NewResult): Promise<Outcome> {
  return withClusterQuery(query, ctx, async (running) => {
    const types = running.columns.map(({ type }) => type)
    await result.write(csvLine(running.columns.map(({ name }) => name)))
    for await (const rows of running.rows()) {
      await result.write(
        rows.map((row) => csvLine(row.map((value, i) => clusterText(value, types[i] as SqlType)))).join(''),
      )
    }
    const columns = running.columns.map(({ name, type }) => ({ name, ...resultType(type) }))
    return { columns, bytesScanned: running.bytesScanned, hasHeader: true }
  })
}

/** CREATE TABLE AS and INSERT INTO: a count of rows. EXPLAIN: lines of text. */
export async function linesOnCluster(query: OnCluster, ctx: Context): Promise<Lines> {
  return withClusterQuery(query, ctx, async (running) => {
    const lines: string[] = []
    for await (const rows of running.rows())
      for (const row of rows)
        lines.push(
          ...row
            .map((value) => String(value))
            .join('\t')
            .split('\n'),
        )
    const { updateCount, bytesScanned } = running
    if (updateCount !== undefined) return { columns: ['rows'], rows: [], bytesScanned, updateCount }
    return { columns: running.columns.map(({ name }) => name), rows: lines, bytesScanned }
  })
}

async function withClusterQuery<T>(
  query: OnCluster,
  ctx: Context,
  use: (running: ClusterQuery) => Promise<T>,
): Promise<T> {
  const cluster = clusterOf(ctx) as TrinoCluster
  const { database, parameters, id: token } = query
  const running = await cluster.start(query.sql, { database, parameters, token })
  ctx.use(runningQueries).add(query.id, () => running.cancel())
  try {
    await running.begin()
    return await use(running)
  } finally {
    ctx.use(runningQueries).remove(query.id)
  }
}
