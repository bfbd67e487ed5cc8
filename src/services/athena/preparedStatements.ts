/** Prepared statements: a query with `?` in it, by name and work group; EXECUTE runs it. */
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { page } from './pages.ts'
import { mustGetWorkGroup } from './workGroups.ts'

const { InvalidRequestException, ResourceNotFoundException } = awsErrors('athena')

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
    await ctx.commit((tx) => {
      const statement = statementFrom(input, tx.now)
      if (tx.in(preparedStatements).get(statement.workGroup, statement.name)) {
        throw InvalidRequestException(
          `PreparedStatement ${input.StatementName} already exists in WorkGroup ${input.WorkGroup}`,
        )
      }
      tx.in(preparedStatements).put(statement)
    })
    return {}
  },

  async UpdatePreparedStatement(input, ctx) {
    await ctx.commit((tx) => {
      mustGetStatement(tx, input.WorkGroup, input.StatementName)
      tx.in(preparedStatements).put(statementFrom(input, tx.now))
    })
    return {}
  },

  async BatchGetPreparedStatement(input, ctx) {
    const found = input.PreparedStatementNames.map((name) =>
      ctx.in(preparedStatements).get(input.WorkGroup, name.toLowerCase()),
    )
    return {
      PreparedStatements: found.filter((statement) => statement !== undefined).map(shown),
      UnprocessedPreparedStatementNames: input.PreparedStatementNames.filter((_, i) => !found[i]).map((name) => ({
        StatementName: name,
        ErrorCode: 'STATEMENT_NOT_FOUND',
        ErrorMessage: `PreparedStatement ${name} was not found`,
      })),
    }
  },

  async GetPreparedStatement(input, ctx) {
    return { PreparedStatement: shown(mustGetStatement(ctx, input.WorkGroup, input.StatementName)) }
  },

  async ListPreparedStatements(input, ctx) {
    mustGetWorkGroup(ctx, input.WorkGroup)
    const all = [...ctx.in(preparedStatements).list({ prefix: [input.WorkGroup] })]
    const { items, NextToken } = page(all, input, { nameOf: (one) => one.name, sizeMax: 50 })
    return {
      PreparedStatements: items.map((one) => ({ StatementName: one.name, LastModifiedTime: new Date(one.modifiedAt) })),
      NextToken,
    }
  },

  async DeletePreparedStatement(input, ctx) {
    await ctx.commit((tx) => {
      mustGetStatement(tx, input.WorkGroup, input.StatementName)
      tx.in(preparedStatements).delete(input.WorkGroup, input.StatementName.toLowerCase())
    })
    return {}
  },
})

function statementFrom(
  input: { WorkGroup: string; StatementName: string; QueryStatement: string; Description?: string | undefined },
  now: Millis,
): PreparedStatement {
  return {
    workGroup: input.WorkGroup,
    name: input.StatementName.toLowerCase(),
    query: input.QueryStatement,
    modifiedAt: now,
    ...(input.Description && { description: input.Description }),
  }
}

function mustGetStatement(ctx: Pick<Context, 'in'>, workGroup: string, name: string): PreparedStatement {
  const found = ctx.in(preparedStatements).get(workGroup, name.toLowerCase())
  if (!found) throw ResourceNotFoundException(`PreparedStatement ${name} was not found`)
  return found
}

function shown(statement: PreparedStatement) {
  return {
    StatementName: statement.name,
    QueryStatement: statement.query,
    WorkGroupName: statement.workGroup,
    LastModifiedTime: new Date(statement.modifiedAt),
    ...(statement.description && { Description: statement.description }),
  }
}
