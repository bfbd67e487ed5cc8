/** User-defined functions of a database, as the Catalog keeps them for engines of its users. */
import type { UserDefinedFunctionInput, UserDefinedFunction as UserDefinedFunctionOutput } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustGetDatabase } from './databases.ts'
import { namePattern } from './namePatterns.ts'
import { catalogName, dateOf } from './names.ts'
import { pageOf } from './pages.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

export interface UserFunction {
  database: string
  name: string
  input: UserDefinedFunctionInput
  createdAt: Millis
}

export const userFunctions = collection<UserFunction>('glue/user-functions', {
  version: 1,
  key: ({ database, name }) => [database, name],
})

export const userFunctionOperations = operations('glue', {
  async CreateUserDefinedFunction(input, ctx) {
    const wanted = input.FunctionInput
    await ctx.commit((tx) => {
      const { name: database } = mustGetDatabase(tx, input.DatabaseName)
      const name = nameOf(wanted)
      if (tx.in(userFunctions).has(database, name)) throw AlreadyExistsException('Function already exists.')
      tx.in(userFunctions).put({ database, name, input: wanted, createdAt: tx.now })
    })
    return {}
  },

  async UpdateUserDefinedFunction(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGetFunction(tx, input.DatabaseName, input.FunctionName)
      tx.in(userFunctions).put({ ...there, input: { ...there.input, ...input.FunctionInput } })
    })
    return {}
  },

  async GetUserDefinedFunction(input, ctx) {
    return { UserDefinedFunction: functionOutput(ctx, mustGetFunction(ctx, input.DatabaseName, input.FunctionName)) }
  },

  async GetUserDefinedFunctions(input, ctx) {
    const prefix = input.DatabaseName ? [mustGetDatabase(ctx, input.DatabaseName).name] : []
    const wanted = namePattern(input.Pattern)
    const all = [...ctx.in(userFunctions).list({ prefix })].filter(
      ({ name, input: { FunctionType } }) =>
        wanted.test(name) && (!input.FunctionType || FunctionType === input.FunctionType),
    )
    const { items, next } = pageOf(all, input)
    return { UserDefinedFunctions: items.map((one) => functionOutput(ctx, one)), ...next }
  },

  async DeleteUserDefinedFunction(input, ctx) {
    await ctx.commit((tx) => {
      const { database, name } = mustGetFunction(tx, input.DatabaseName, input.FunctionName)
      tx.in(userFunctions).delete(database, name)
    })
    return {}
  },
})

function nameOf({ FunctionName }: UserDefinedFunctionInput): string {
  if (!FunctionName) throw InvalidInputException('FunctionName is required.')
  return catalogName(FunctionName)
}

function mustGetFunction(ctx: Pick<Context | Tx, 'in'>, databaseName: string, name: string): UserFunction {
  const { name: database } = mustGetDatabase(ctx, databaseName)
  const found = ctx.in(userFunctions).get(database, catalogName(name))
  if (!found) throw EntityNotFoundException(`Function ${name} not found.`)
  return found
}

function functionOutput(ctx: Context, { database, name, input, createdAt }: UserFunction): UserDefinedFunctionOutput {
  return {
    ...input,
    FunctionName: name,
    DatabaseName: database,
    CreateTime: dateOf(createdAt),
    CatalogId: ctx.account,
  }
}
