/** What the two places where sales end up hold: asked of Athena and of Redshift, as an analyst would. */
import { stopwatch } from '../../clock.ts'
import type { AwsClient } from './awsClient.ts'

/** Sales and their sum in cents, by file. */
export type Totals = Map<string, { sales: number; cents: number }>

const pollMillis = 20
const queryMillisMax = 60_000
const totalsOf = (table: string) =>
  `SELECT arquivo, count(*) AS vendas, sum(valor) AS total FROM ${table} GROUP BY arquivo ORDER BY arquivo`

export const athenaSql = totalsOf('vendas')
export const redshiftSql = totalsOf('vendas')
export const spectrumSql = totalsOf('lago.vendas')

/** Errors: what Athena says of a query that failed. */
export async function askAthena(aws: AwsClient, sql: string): Promise<Totals> {
  const { QueryExecutionId } = await aws.call<{ QueryExecutionId: string }>('AmazonAthena', 'StartQueryExecution', {
    QueryString: sql,
    WorkGroup: 'vendas',
    QueryExecutionContext: { Database: 'vendas' },
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
  return totals(ResultSet.Rows.slice(1).map(({ Data }) => Data.map((cell) => cell.VarCharValue ?? '')))
}

/** Errors: what Redshift says of a statement that failed. */
export async function askRedshift(aws: AwsClient, sql: string): Promise<Totals> {
  const { Id } = await aws.call<{ Id: string }>('RedshiftData', 'ExecuteStatement', {
    WorkgroupName: 'vendas',
    Database: 'vendas',
    Sql: sql,
  })
  await until(async () => {
    const { Status, Error: error } = await aws.call<{ Status: string; Error?: string }>(
      'RedshiftData',
      'DescribeStatement',
      { Id },
    )
    if (Status === 'FAILED' || Status === 'ABORTED') throw new Error(`Redshift: ${error ?? Status}`)
    return Status === 'FINISHED'
  })
  const { Records } = await aws.call<{ Records: Record<string, unknown>[][] }>('RedshiftData', 'GetStatementResult', {
    Id,
  })
  return totals(Records.map((row) => row.map((cell) => String(Object.values(cell)[0]))))
}

function totals(rows: string[][]): Totals {
  return new Map(
    rows.map(([file = '', sales, total]) => [file, { sales: Number(sales), cents: Math.round(Number(total) * 100) }]),
  )
}

async function until(isOver: () => Promise<boolean>): Promise<void> {
  const end = stopwatch.now() + queryMillisMax
  while (!(await isOver())) {
    if (stopwatch.now() > end) throw new Error(`A query took longer than ${queryMillisMax / 1000} s.`)
    await stopwatch.pause(pollMillis)
  }
}
