/** Prepared statements: a query with `?` in it, by name and work group; EXECUTE runs it. */
import type { Millis } from '../../clock.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustGetWorkGroup } from './workGroups.ts'

const { ResourceNotFoundException } = awsErrors('athena')

export interface PreparedStatement {
  workGroup: string
  name: string
  query: string
  description?: string
  modifiedAt: Millis
}

export const preparedStatements = collection<PreparedStatement>('athena/preparedStatements', {
  version: 1,
  key: (statement) => [statement.workGroup, statement.name],
})

export const preparedStatementOperations = operations('athena', {
  async CreatePreparedStatement(input, ctx) {
    mustGetWorkGroup(ctx, input.WorkGroup)
    await ctx.commit((tx) =>
      tx.in(preparedStatements).put({
        workGroup: input.WorkGroup,
        name: input.StatementName.toLowerCase(),
        query: input.QueryStatement,
        modifiedAt: tx.now,
        ...(input.Description && { description: input.Description }),
      }),
    )
    return {}
  },

  async GetPreparedStatement(input, ctx) {
    const found = ctx.in(preparedStatements).get(input.WorkGroup, input.StatementName.toLowerCase())
    if (!found) throw ResourceNotFoundException(`PreparedStatement ${input.StatementName} was not found`)
    return {
      PreparedStatement: {
        StatementName: found.name,
        QueryStatement: found.query,
        WorkGroupName: found.workGroup,
        LastModifiedTime: new Date(found.modifiedAt),
        ...(found.description && { Description: found.description }),
      },
    }
  },

  async ListPreparedStatements(input, ctx) {
    const all = [...ctx.in(preparedStatements).list({ prefix: [input.WorkGroup] })]
    return {
      PreparedStatements: all.map((one) => ({ StatementName: one.name, LastModifiedTime: new Date(one.modifiedAt) })),
    }
  },

  async DeletePreparedStatement(input, ctx) {
    await ctx.commit((tx) => tx.in(preparedStatements).delete(input.WorkGroup, input.StatementName.toLowerCase()))
    return {}
  },
})
