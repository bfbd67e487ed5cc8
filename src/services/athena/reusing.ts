/** Result reuse: the last result of a query, given again to the same query while it is young enough. */
import { createHash } from 'node:crypto'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { type Execution, executions } from './executions.ts'

const reusableResults = collection<{ query: string; id: string }>('athena/reusableResults', {
  version: 1,
  key: ({ query }) => [query],
})

/** The same text, in the same place, with the same parameters. */
function queryKey({ query, database, catalog, workGroup, parameters }: Execution): string {
  return createHash('sha256')
    .update(JSON.stringify([query, database, catalog, workGroup, parameters]))
    .digest('hex')
}

export function reusableResult(ctx: Pick<Context, 'in' | 'clock'>, execution: Execution): Execution | undefined {
  if (execution.reuseMinutes === undefined || execution.substatement !== 'SELECT') return undefined
  const known = ctx.in(reusableResults).get(queryKey(execution))
  const earlier = known && ctx.in(executions).get(known.id)
  const oldest = ctx.clock.now() - execution.reuseMinutes * 60_000
  return earlier?.endedAt !== undefined && earlier.endedAt >= oldest ? earlier : undefined
}

export function keepForReuse(tx: Tx, execution: Execution): void {
  if (execution.substatement !== 'SELECT' || execution.isReused) return
  tx.in(reusableResults).put({ query: queryKey(execution), id: execution.id })
}
