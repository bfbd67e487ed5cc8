/** Tables of the Data Catalog and their versions. A table's partitions are in partitions.ts. */
import type {
  TableError,
  TableInput,
  Table as TableOutput,
  TableVersionError,
  TableVersion as VersionOutput,
} from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { type AwsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { deleteStatistics } from './columnStatistics.ts'
import { mustGetDatabase } from './databases.ts'
import { namePattern } from './namePatterns.ts'
import { catalogName, dateOf } from './names.ts'
import { pageOf } from './pages.ts'
import { createIndex, deleteIndexes } from './partitionIndexes.ts'
import { partitions } from './partitions.ts'
import { deleteStatisticsSettings } from './statisticsSettings.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException, ConcurrentModificationException } =
  awsErrors('glue')

export interface Table {
  database: string
  name: string
  input: TableInput
  createdAt: Millis
  updatedAt: Millis
  /** Counts up with each change of its definition. */
  version: number
}

/** A definition as it was before a later one. */
export interface TableVersion {
  number: number
  table: Table
}

export const tables = collection<Table>('glue/tables', { version: 1, key: (table) => [table.database, table.name] })

export const tableVersions = collection<TableVersion>('glue/table-versions', {
  version: 1,
  key: ({ table, number }) => [table.database, table.name, number],
})

export const tableOperations = operations('glue', {
  async CreateTable(input, ctx) {
    const wanted = input.TableInput
    if (!wanted) throw InvalidInputException('TableInput is required.')
    if (input.OpenTableFormatInput) throw NotImplemented('glue: CreateTable with an OpenTableFormatInput')
    await ctx.commit((tx) => {
      const database = mustGetDatabase(tx, input.DatabaseName)
      const now = ctx.clock.now()
      const table = { database: database.name, name: catalogName(wanted.Name as string), input: wanted }
      if (tx.in(tables).has(table.database, table.name)) throw AlreadyExistsException('Table already exists.')
      const made = { ...table, createdAt: now, updatedAt: now, version: 0 }
      tx.in(tables).put(made)
      for (const index of input.PartitionIndexes ?? []) createIndex(tx, made, index)
    })
    return {}
  },

  async GetTable(input, ctx) {
    return { Table: tableOutput(ctx, mustGetTable(ctx, input.DatabaseName, input.Name)) }
  },

  async GetTables(input, ctx) {
    const { name } = mustGetDatabase(ctx, input.DatabaseName)
    const wanted = input.Expression ? namePattern(input.Expression) : /^/
    const { items, next } = pageOf(matching(ctx.in(tables).list({ prefix: [name] }), wanted), input)
    return { TableList: items.map((table) => tableOutput(ctx, table)), ...next }
  },

  async UpdateTable(input, ctx) {
    const wanted = input.TableInput
    if (!wanted) throw InvalidInputException('TableInput is required.')
    if (input.UpdateOpenTableFormatInput) throw NotImplemented('glue: UpdateTable with an UpdateOpenTableFormatInput')
    await ctx.commit((tx) => {
      const there = mustGetTable(tx, input.DatabaseName, wanted.Name as string)
      if (input.VersionId !== undefined && input.VersionId !== String(there.version))
        throw ConcurrentModificationException('Update table failed due to concurrent modifications.')
      if (!input.SkipArchive) tx.in(tableVersions).put({ number: there.version, table: there })
      tx.in(tables).put({ ...there, input: wanted, updatedAt: ctx.clock.now(), version: there.version + 1 })
    })
    return {}
  },

  async DeleteTable(input, ctx) {
    await ctx.commit((tx) => deleteTable(tx, input.DatabaseName, input.Name))
    return {}
  },

  async BatchDeleteTable(input, ctx) {
    const Errors = await ctx.commit((tx) => {
      mustGetDatabase(tx, input.DatabaseName)
      return input.TablesToDelete.flatMap((name): TableError[] =>
        errorsOf(() => deleteTable(tx, input.DatabaseName, name)).map((ErrorDetail) => ({
          TableName: name,
          ErrorDetail,
        })),
      )
    })
    return { ...(Errors.length > 0 && { Errors }) }
  },

  async GetTableVersion(input, ctx) {
    const table = mustGetTable(ctx, input.DatabaseName, input.TableName)
    const found = versionsOf(ctx, table).find(
      ({ number }) => String(number) === (input.VersionId ?? String(table.version)),
    )
    if (!found) throw EntityNotFoundException('Table version not found.')
    return { TableVersion: versionOutput(ctx, found) }
  },

  async GetTableVersions(input, ctx) {
    const { items, next } = pageOf(versionsOf(ctx, mustGetTable(ctx, input.DatabaseName, input.TableName)), input)
    return { TableVersions: items.map((version) => versionOutput(ctx, version)), ...next }
  },

  async DeleteTableVersion(input, ctx) {
    await ctx.commit((tx) => {
      const { database, name } = mustGetTable(tx, input.DatabaseName, input.TableName)
      deleteVersion(tx, [database, name], input.VersionId)
    })
    return {}
  },

  async BatchDeleteTableVersion(input, ctx) {
    const Errors = await ctx.commit((tx) => {
      const { database, name } = mustGetTable(tx, input.DatabaseName, input.TableName)
      return input.VersionIds.flatMap((VersionId): TableVersionError[] =>
        errorsOf(() => deleteVersion(tx, [database, name], VersionId)).map((ErrorDetail) => ({
          TableName: name,
          VersionId,
          ErrorDetail,
        })),
      )
    })
    return { ...(Errors.length > 0 && { Errors }) }
  },
})

/** Errors: EntityNotFoundException for the database or the table. */
export function mustGetTable(ctx: Pick<Context | Tx, 'in'>, databaseName: string, name: string): Table {
  const database = mustGetDatabase(ctx, databaseName)
  const table = ctx.in(tables).get(database.name, catalogName(name))
  if (!table) throw EntityNotFoundException('Entity Not Found')
  return table
}

/** What AWS's batch operations give for each item that did not work. */
export function errorsOf(act: () => void): { ErrorCode: string; ErrorMessage: string }[] {
  try {
    act()
    return []
  } catch (error) {
    const { code, message } = error as AwsError
    if (!code) throw error
    return [{ ErrorCode: code, ErrorMessage: message }]
  }
}

export function deleteTable(tx: Tx, databaseName: string, tableName: string): void {
  const { database, name } = mustGetTable(tx, databaseName, tableName)
  for (const { values } of [...tx.in(partitions).list({ prefix: [database, name] })])
    tx.in(partitions).delete(database, name, ...values)
  for (const { number } of [...tx.in(tableVersions).list({ prefix: [database, name] })])
    tx.in(tableVersions).delete(database, name, number)
  deleteIndexes(tx, [database, name])
  deleteStatistics(tx, [database, name])
  deleteStatisticsSettings(tx, [database, name])
  tx.in(tables).delete(database, name)
}

function deleteVersion(tx: Tx, [database, name]: [string, string], version: string): void {
  const number = Number(version)
  if (!tx.in(tableVersions).has(database, name, number)) throw EntityNotFoundException('Table version not found.')
  tx.in(tableVersions).delete(database, name, number)
}

function* matching(all: Iterable<Table>, wanted: RegExp): Iterable<Table> {
  for (const table of all) if (wanted.test(table.name)) yield table
}

/** Newest first. */
function versionsOf(ctx: Context, table: Table): TableVersion[] {
  const former = [...ctx.in(tableVersions).list({ prefix: [table.database, table.name], reverse: true })]
  return [{ number: table.version, table }, ...former]
}

function versionOutput(ctx: Context, { number, table }: TableVersion): VersionOutput {
  return { Table: tableOutput(ctx, table), VersionId: String(number) }
}

export function tableOutput(ctx: Pick<Context, 'account'>, table: Table): TableOutput {
  const { TargetTable, ViewDefinition: _view, ...input } = table.input
  return {
    Retention: 0,
    PartitionKeys: [],
    ...input,
    ...(TargetTable && { TargetTable }),
    Name: table.name,
    DatabaseName: table.database,
    CreateTime: dateOf(table.createdAt),
    UpdateTime: dateOf(table.updatedAt),
    CreatedBy: `arn:aws:iam::${ctx.account}:root`,
    IsRegisteredWithLakeFormation: false,
    CatalogId: ctx.account,
    VersionId: String(table.version),
  }
}
