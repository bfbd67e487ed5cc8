/** GetQueryResults: pages read from the result's object in S3; without it there is no result, as on AWS. */
import { lake } from '../../delivery/lake.ts'
import { splitUri } from '../../engines/sql/catalogFiles.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { type Execution, mustGetExecution } from './executions.ts'
import { type ReadPart, readCsvRows, readLines } from './resultFiles.ts'

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
    const read: ReadPart = (part) => ctx.use(lake).read({ scope: ctx, bucket, key: prefix }, part)
    const rowsMax = Math.min(input.MaxResults ?? pageRowsMax, pageRowsMax)
    const page = await (execution.hasHeader ? readCsvRows : readLines)(read, { offset, rowsMax })
    return {
      UpdateCount: execution.updateCount ?? 0,
      ResultSet: {
        Rows: page.rows.map((row) => ({ Data: row.map((cell) => (cell === null ? {} : { VarCharValue: cell })) })),
        ResultSetMetadata: { ColumnInfo: columnInfo(execution) },
      },
      ...(page.next !== undefined && { NextToken: String(page.next) }),
    }
  },
})

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
