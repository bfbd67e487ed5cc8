/** GetStatementResult: pages of a finished statement's rows, kept for a day as on AWS. */
import type { ColumnMetadata, Field } from '@aws-sdk/client-redshift-data'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { readPage } from './resultFiles.ts'
import { resultPath } from './running.ts'
import { mustGetStatement, splitId } from './statements.ts'

const { ValidationException, ResourceNotFoundException } = awsErrors('redshift-data')

export const resultOperations = operations('redshift-data', {
  async GetStatementResult(input, ctx) {
    const { id, part = 0 } = splitId(input.Id)
    const statement = mustGetStatement(ctx, id)
    if (statement.status !== 'FINISHED')
      throw ResourceNotFoundException(`Query is not in a FINISHED state, it is ${statement.status}: no result.`, {
        ResourceId: input.Id,
      })
    const one = statement.parts[part]
    if (!one?.hasResult)
      throw ResourceNotFoundException('Query does not have result. Please check query status with DescribeStatement.', {
        ResourceId: input.Id,
      })
    const offset = input.NextToken === undefined ? 0 : Number(input.NextToken)
    if (!Number.isInteger(offset) || offset < 0 || offset > one.bytes) throw ValidationException('Invalid NextToken.')
    const { rows, next } = await readPage(resultPath(ctx, statement, part), offset)
    return {
      Records: rows as Field[][],
      ColumnMetadata: one.columns as ColumnMetadata[],
      TotalNumRows: one.rows,
      ...(next !== undefined && { NextToken: String(next) }),
    }
  },
})
