/** GetQueryResults: pages read from the result's object in S3; without it there is no result, as on AWS. */
import { readFile } from 'node:fs/promises'
import { lake } from '../../delivery/lake.ts'
import { splitUri } from '../../engines/sql/catalogFiles.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Execution, mustGetExecution } from './executions.ts'
import { type Cell, readCsvRows } from './resultFiles.ts'

const { InvalidRequestException } = awsErrors('athena')
const pageRowsMax = 1000

export const resultOperations = operations('athena', {
  async GetQueryResults(input, ctx) {
    const execution = mustGetExecution(ctx, input.QueryExecutionId)
    if (execution.state === 'FAILED' || execution.state === 'CANCELLED') {
      throw InvalidRequestException(`Query did not finish successfully. Final query state: ${execution.state}`)
    }
    if (execution.state !== 'SUCCEEDED') {
      throw InvalidRequestException(`Query has not yet finished. Current state: ${execution.state}`)
    }
    const offset = input.NextToken === undefined ? 0 : Number(input.NextToken)
    if (!Number.isInteger(offset) || offset < 0) throw InvalidRequestException('Invalid NextToken')
    const { bucket, prefix } = splitUri(execution.output)
    const view = await ctx.use(lake).open({ scope: ctx, bucket, prefix }, { keys: [prefix], names: 'numbered' })
    try {
      const path = view.files[0]?.path
      if (!path) throw InvalidRequestException('Could not find results')
      const rowsMax = Math.min(input.MaxResults ?? pageRowsMax, pageRowsMax)
      const page = execution.hasHeader
        ? await readCsvRows(path, { offset, rowsMax })
        : await readTextRows(path, { offset, rowsMax })
      return {
        UpdateCount: execution.updateCount ?? 0,
        ResultSet: {
          Rows: page.rows.map((row) => ({ Data: row.map((cell) => (cell === null ? {} : { VarCharValue: cell })) })),
          ResultSetMetadata: { ColumnInfo: columnInfo(execution) },
        },
        ...(page.next !== undefined && { NextToken: String(page.next) }),
      }
    } finally {
      await view.close()
    }
  },
})

async function readTextRows(
  path: string,
  from: { offset: number; rowsMax: number },
): Promise<{ rows: Cell[][]; next?: number }> {
  const lines = (await readFile(path, 'utf8')).split('\n')
  if (lines[lines.length - 1] === '') lines.pop()
  const rows = lines.slice(from.offset, from.offset + from.rowsMax).map((line) => [line])
  const next = from.offset + rows.length
  return { rows, ...(next < lines.length && { next }) }
}

function columnInfo(execution: Execution) {
  return (execution.columns ?? []).map((column) => ({
    CatalogName: 'hive',
    SchemaName: '',
    TableName: '',
    Name: column.name,
    Label: column.name,
    Type: column.type,
    Precision: column.precision,
    Scale: column.scale,
    Nullable: 'UNKNOWN' as const,
    CaseSensitive: column.type === 'varchar' || column.type === 'char',
  }))
}
