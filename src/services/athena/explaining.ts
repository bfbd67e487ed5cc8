/** EXPLAIN: whether a query is valid, or the plan of the engine that would run it. */
import type { Context } from '../../delivery/context.ts'
import type { AthenaStatement } from '../../engines/sql/athena/athenaStatements.ts'
import type { Lines, StatementPlace } from './catalogStatements.ts'
import { compileOnly, withQuery } from './selecting.ts'

export async function explain(
  { query, type }: Extract<AthenaStatement, { kind: 'explain' }>,
  place: StatementPlace,
  ctx: Context,
): Promise<Lines> {
  const asked = { ...place, sql: query, parameters: place.parameters ?? [] }
  if (type === 'VALIDATE') {
    await compileOnly(asked, ctx)
    return { columns: ['Valid'], rows: ['true'], type: 'boolean' }
  }
  const rows = await withQuery(
    { ...asked, bytesMax: undefined },
    ctx,
    async (running) => {
      const lines: string[] = []
      for await (const batch of running.rows()) for (const row of batch) lines.push(...String(row[1]).split('\n'))
      return lines
    },
    { copy: ({ sql }) => `EXPLAIN ${sql}` },
  )
  return { columns: ['Query Plan'], rows: rows.filter((line) => line.trim() !== '') }
}
