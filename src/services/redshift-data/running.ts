/**
 * Carries statements out. The warehouse's ledger says of each id whether it was committed, so a statement that a kill
 * cut is either finished by what the ledger tells, or run again from its start: never both.
 */
import { stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { redshiftColumn } from '../../engines/sql/redshift/redshiftText.ts'
import type { StatementOutcome, Warehouse } from '../../engines/sql/redshift/warehouse.ts'
import { warehouses } from '../../engines/sql/redshift/warehouses.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { AwsError } from '../../wire/errors.ts'
import { type Address, mustFindDatabase, warehousePlace } from './addresses.ts'
import { beginHop } from './hops.ts'
import { lakeAccess } from './lakeAccess.ts'
import { ResultWriter, resultBytes } from './resultFiles.ts'
import {
  finish,
  isOver,
  type Part,
  runningStatements,
  type Statement,
  statementQueue,
  statements,
} from './statements.ts'

export const statementWorker = worker('redshift-data/statements', {
  queue: statementQueue,
  concurrency: 4,
  async run(item, ctx) {
    const statement = await ctx.commit((tx) => {
      const found = tx.in(statements).get(item.id)
      if (!found || isOver(found)) {
        tx.due(statementQueue).delete(item.id)
        return undefined
      }
      const begun: Statement = {
        ...found,
        status: 'STARTED',
        startedAt: found.startedAt ?? tx.now,
        updatedAt: tx.now,
        trace: found.trace ?? beginHop(tx, found),
      }
      tx.in(statements).put(begun)
      return begun
    })
    if (!statement) return
    const startedAt = stopwatch.now()
    const done = await carryOut(statement, ctx)
    await ctx.commit((tx) => {
      const latest = tx.in(statements).get(item.id)
      tx.due(statementQueue).delete(item.id)
      // A cancellation that came after the commit in the warehouse cannot undo it.
      if (!latest || (isOver(latest) && done.status !== 'FINISHED')) return
      finish(tx, { ...latest, ...done, durationNs: Math.round((stopwatch.now() - startedAt) * 1e6) })
    })
  },
})

type Outcome = Pick<Statement, 'status' | 'parts' | 'error' | 'baseCapacity'>

async function carryOut(statement: Statement, ctx: Context): Promise<Outcome> {
  let address: Address | undefined
  try {
    // Asked again: what EventBridge submitted nobody has looked up yet, and a cluster may be gone.
    address = await mustFindDatabase(ctx, asked(statement))
    const warehouse = await ctx.use(warehouses).get(warehousePlace(ctx, address), address.database)
    const outcomes = (await warehouse.committed(statement.id)) ?? (await runIn(warehouse, statement, ctx))
    return {
      ...capacityOf(address),
      status: 'FINISHED',
      parts: await Promise.all(
        statement.parts.map((part, i) =>
          finishedPart(part, outcomes[i] as StatementOutcome, resultPath(ctx, statement, i)),
        ),
      ),
    }
  } catch (error) {
    const message = messageOf(error)
    const failedAt = (error as { statementIndex?: number }).statementIndex ?? 0
    const parts = statement.parts.map(
      (part, i): Part =>
        i === failedAt ? { ...part, status: 'FAILED', error: message } : { ...part, status: 'ABORTED' },
    )
    const reason = statement.isBatch ? `Query #${failedAt + 1} failed with ${message}` : message
    return { ...capacityOf(address), status: 'FAILED', parts, error: reason }
  }
}

function capacityOf(address: Address | undefined): Pick<Statement, 'baseCapacity'> {
  return address?.baseCapacity === undefined ? {} : { baseCapacity: address.baseCapacity }
}

function asked(statement: Statement) {
  return {
    Database: statement.database,
    ClusterIdentifier: statement.clusterIdentifier,
    WorkgroupName: statement.workgroupName,
  }
}

async function runIn(warehouse: Warehouse, statement: Statement, ctx: Context): Promise<StatementOutcome[]> {
  const writers = new Map<number, ResultWriter>()
  try {
    return await warehouse.run(
      statement.parts.map((part) => part.sql),
      {
        id: statement.id,
        now: new Date(ctx.clock.now()).toISOString().replace('T', ' ').replace('Z', ''),
        parameters: new Map(statement.parameters.map((one) => [one.name, one.value])),
        lake: lakeAccess(ctx),
        async onRows(index, rows, columns) {
          const writer = writers.get(index) ?? (await ResultWriter.create(resultPath(ctx, statement, index)))
          writers.set(index, writer)
          await writer.write(rows, columns)
        },
        async beforeCommit() {
          for (const writer of writers.values()) await writer.finish()
        },
        onCancel: (cancel) => ctx.use(runningStatements).cancels.set(statement.id, cancel),
      },
    )
  } finally {
    ctx.use(runningStatements).cancels.delete(statement.id)
    for (const writer of writers.values()) await writer.close()
  }
}

async function finishedPart(part: Part, outcome: StatementOutcome, path: string): Promise<Part> {
  const { error: _, ...rest } = part
  if (!outcome.columns) return { ...rest, status: 'FINISHED', rows: outcome.rows, bytes: 0 }
  return {
    ...rest,
    status: 'FINISHED',
    rows: outcome.rows,
    hasResult: true,
    columns: outcome.columns.map(redshiftColumn),
    bytes: await resultBytes(path),
  }
}

export function resultPath(ctx: Context, statement: Pick<Statement, 'id'>, index: number): string {
  return `${ctx.use(warehouses).resultsFolder}/${statement.id}-${index + 1}.jsonl`
}

function messageOf(error: unknown): string {
  if (error instanceof SqlError) {
    if (/CHECK constraint failed/.test(error.message)) return 'ERROR: Value too long for character type'
    if (/Table with name (\S+) does not exist/.test(error.message))
      return `ERROR: relation "${/Table with name (\S+) does not exist/.exec(error.message)?.[1]}" does not exist`
    return error.message.startsWith('ERROR') ? error.message : `ERROR: ${error.message}`
  }
  if (error instanceof AwsError)
    return error.code === 'ValidationException' ? error.message : `ERROR: ${error.code}: ${error.message}`
  throw error
}
