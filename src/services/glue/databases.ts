/** Databases of the Data Catalog. Their tables are in tables.ts. */
import type { DatabaseInput, Database as DatabaseOutput } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { deleteStatistics } from './columnStatistics.ts'
import { catalogName, dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { deleteIndexes } from './partitionIndexes.ts'
import { partitions } from './partitions.ts'
import { tables, tableVersions } from './tables.ts'
import { putTags } from './tags.ts'
import { userFunctions } from './userFunctions.ts'

const { AlreadyExistsException, EntityNotFoundException } = awsErrors('glue')

export interface Database {
  name: string
  input: DatabaseInput
  createdAt: Millis
}

export const databases = collection<Database>('glue/databases', { version: 1, key: (database) => [database.name] })

export const databaseOperations = operations('glue', {
  async CreateDatabase(input, ctx) {
    const database = databaseFrom(input.DatabaseInput as DatabaseInput, ctx.clock.now())
    await ctx.commit((tx) => {
      if (tx.in(databases).has(database.name)) throw AlreadyExistsException('Database already exists.')
      tx.in(databases).put(database)
      putTags(tx, glueArn(ctx, 'database', database.name), input.Tags ?? {})
    })
    return {}
  },

  async GetDatabase(input, ctx) {
    return { Database: databaseOutput(ctx, mustGetDatabase(ctx, input.Name as string)) }
  },

  async GetDatabases(input, ctx) {
    const { items, next } = pageOf(ctx.in(databases).list(), input)
    return { DatabaseList: items.map((database) => databaseOutput(ctx, database)), ...next }
  },

  async UpdateDatabase(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGetDatabase(tx, input.Name as string)
      tx.in(databases).put({ ...databaseFrom(input.DatabaseInput as DatabaseInput, there.createdAt), name: there.name })
    })
    return {}
  },

  async DeleteDatabase(input, ctx) {
    await ctx.commit((tx) => {
      const { name } = mustGetDatabase(tx, input.Name as string)
      // A database goes with all that is in it.
      for (const table of [...tx.in(tables).list({ prefix: [name] })]) tx.in(tables).delete(name, table.name)
      for (const { table, number } of [...tx.in(tableVersions).list({ prefix: [name] })])
        tx.in(tableVersions).delete(name, table.name, number)
      for (const { table, values } of [...tx.in(partitions).list({ prefix: [name] })])
        tx.in(partitions).delete(name, table, ...values)
      deleteIndexes(tx, [name])
      deleteStatistics(tx, [name])
      for (const one of [...tx.in(userFunctions).list({ prefix: [name] })]) tx.in(userFunctions).delete(name, one.name)
      tx.in(databases).delete(name)
      putTags(tx, glueArn(ctx, 'database', name), undefined)
    })
    return {}
  },
})

/** Errors: EntityNotFoundException. */
export function mustGetDatabase(ctx: Pick<Context | Tx, 'in'>, name: string): Database {
  const database = ctx.in(databases).get(catalogName(name))
  if (!database) throw EntityNotFoundException(`Database ${name} not found.`)
  return database
}

function databaseFrom(input: DatabaseInput, createdAt: Millis): Database {
  return { name: catalogName(input.Name as string), input, createdAt }
}

function databaseOutput(ctx: Context, { name, input, createdAt }: Database): DatabaseOutput {
  return {
    CreateTableDefaultPermissions: [
      { Principal: { DataLakePrincipalIdentifier: 'IAM_ALLOWED_PRINCIPALS' }, Permissions: ['ALL'] },
    ],
    ...input,
    Name: name,
    CreateTime: dateOf(createdAt),
    CatalogId: ctx.account,
  }
}
