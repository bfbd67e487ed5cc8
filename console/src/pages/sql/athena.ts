/** Athena, through its own API: a query is started, waited for, and its first page of results read. */
import { aws, type Output } from '../../server/aws.ts'
import { Problem } from '../../server/control.ts'
import { type Answer, type Engine, untilOver } from './engine.ts'

const rowsMax = 1000

export const athenaEngine: Engine = {
  async run(sql, { database, workGroup, onStart }) {
    const group = workGroup ?? (await groupWithPlace())
    const { service, operation, input } = this.call(sql, database)
    const { QueryExecutionId: id } = await aws(service, operation, { ...input, ...(group && { WorkGroup: group }) })
    onStart?.(id)
    const execution = await untilOver(async () => {
      const { QueryExecution } = await aws('athena', 'GetQueryExecution', { QueryExecutionId: id })
      return /SUCCEEDED|FAILED|CANCELLED/.test(QueryExecution.Status.State) ? QueryExecution : undefined
    })
    const { State, StateChangeReason = '' } = execution.Status
    if (State !== 'SUCCEEDED') throw new Problem(State, StateChangeReason || State, 400)
    return answerOf(execution, await aws('athena', 'GetQueryResults', { QueryExecutionId: id, MaxResults: rowsMax }))
  },

  call: (sql, database) => ({
    service: 'athena',
    operation: 'StartQueryExecution',
    input: { QueryString: sql, ...(database && { QueryExecutionContext: { Database: database } }) },
  }),

  cancel: (id) => aws('athena', 'StopQueryExecution', { QueryExecutionId: id }),
}

/** A query needs a place for its result: a work group that says one, before `primary`, which may say none. */
async function groupWithPlace(): Promise<string | undefined> {
  const { WorkGroups } = await aws('athena', 'ListWorkGroups')
  const details = await Promise.all(
    WorkGroups.map(({ Name }: Output) => aws('athena', 'GetWorkGroup', { WorkGroup: Name })),
  )
  const found = details.find(({ WorkGroup }) => WorkGroup.Configuration?.ResultConfiguration?.OutputLocation)
  return found?.WorkGroup.Name
}

function answerOf(execution: Output, results: Output): Answer {
  const columns = (results.ResultSet.ResultSetMetadata?.ColumnInfo ?? []).map(({ Name, Type }: Output) => ({
    name: Name,
    type: Type,
  }))
  const rows: (string | null)[][] = (results.ResultSet.Rows ?? []).map(({ Data = [] }: Output) =>
    Data.map((cell: Output) => cell.VarCharValue ?? null),
  )
  // The first row of a SELECT's answer repeats the names of the columns.
  const hasHead = execution.StatementType === 'DML' && rows[0]?.every((cell, at) => cell === columns[at]?.name)
  const { EngineExecutionTimeInMillis = 0, DataScannedInBytes = 0 } = execution.Statistics ?? {}
  return {
    id: execution.QueryExecutionId,
    columns,
    rows: hasHead ? rows.slice(1) : rows,
    millis: EngineExecutionTimeInMillis,
    bytesScanned: DataScannedInBytes,
    ...(results.UpdateCount && { note: String(results.UpdateCount) }),
    isCut: results.NextToken !== undefined,
  }
}
