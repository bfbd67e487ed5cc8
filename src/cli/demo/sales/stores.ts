/** What the two places where sales end up hold: asked of Athena and of Redshift, as an analyst would. */
import { askAthena, until } from '../athena.ts'
import type { AwsClient } from '../awsClient.ts'

/** Sales and their sum in cents, by file. */
export type Totals = Map<string, { sales: number; cents: number }>

const totalsOf = (table: string) =>
  `SELECT arquivo, count(*) AS vendas, sum(valor) AS total FROM ${table} GROUP BY arquivo ORDER BY arquivo`

export const athenaSql = totalsOf('vendas')
export const redshiftSql = totalsOf('vendas')
export const spectrumSql = totalsOf('lago.vendas')

/** Errors: what Athena says of a query that failed. */
export async function totalsInAthena(aws: AwsClient): Promise<Totals> {
  return totals(await askAthena(aws, athenaSql, 'vendas'))
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
