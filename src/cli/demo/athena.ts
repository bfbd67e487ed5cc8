/** Asks Athena over the server's port, as an analyst would. */
import { stopwatch } from '../../clock.ts'
import type { AwsClient } from './awsClient.ts'

const pollMillis = 20
const queryMillisMax = 60_000

/**
 * The rows, as text; NULL is ''. Each example has a work group and a database of one name.
 * Errors: what Athena says of a query that failed.
 */
export async function askAthena(aws: AwsClient, sql: string, name: string): Promise<string[][]> {
  const { QueryExecutionId } = await aws.call<{ QueryExecutionId: string }>('AmazonAthena', 'StartQueryExecution', {
    QueryString: sql,
    WorkGroup: name,
    QueryExecutionContext: { Database: name },
  })
  await until(async () => {
    const { QueryExecution } = await aws.call<{
      QueryExecution: { Status: { State: string; StateChangeReason?: string } }
    }>('AmazonAthena', 'GetQueryExecution', { QueryExecutionId })
    const { State, StateChangeReason } = QueryExecution.Status
    if (State === 'FAILED' || State === 'CANCELLED') throw new Error(`Athena: ${StateChangeReason ?? State}`)
    return State === 'SUCCEEDED'
  })
  const { ResultSet } = await aws.call<{ ResultSet: { Rows: { Data: { VarCharValue?: string }[] }[] } }>(
    'AmazonAthena',
    'GetQueryResults',
    { QueryExecutionId },
  )
  // The first row of a SELECT's results is its headings.
  return ResultSet.Rows.slice(1).map(({ Data }) => Data.map((cell) => cell.VarCharValue ?? ''))
}

/** Asks again until it is so. */
export async function until(isOver: () => Promise<boolean>): Promise<void> {
  const end = stopwatch.now() + queryMillisMax
  while (!(await isOver())) {
    if (stopwatch.now() > end) throw new Error(`A query took longer than ${queryMillisMax / 1000} s.`)
    await stopwatch.pause(pollMillis)
  }
}
