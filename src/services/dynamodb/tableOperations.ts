/** Operations on tables: made, changed, told of, deleted. */
import type { UpdateTableCommandInput } from '@aws-sdk/client-dynamodb'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { type Operations, operations } from '../service.ts'
import { withoutRecovery } from './recovery.ts'
import { withoutPolicies } from './resourcePolicies.ts'
import { disabled, withStream } from './streams.ts'
import { isBeingCopied } from './tableCopies.ts'
import { tableCounts } from './tableCounts.ts'
import { described } from './tableDescriptions.ts'
import {
  checkAllDefined,
  checkBilling,
  checkIndexes,
  encryptionFrom,
  indexFrom,
  keySchemaFrom,
  refuseSettings,
  throughputFrom,
} from './tableSettings.ts'
import { mustDescribeTable, type Table, tableArn, tables } from './tables.ts'
import { tableWork } from './tableWork.ts'
import { withoutTimeToLive } from './timeToLive.ts'
import { invalid } from './values.ts'

const { LimitExceededException, ResourceInUseException, ResourceNotFoundException } = awsErrors('dynamodb')

const pageMax = 100

export const tableOperations = operations('dynamodb', {
  async CreateTable(input, ctx) {
    refuseSettings('CreateTable', input)
    const wanted = newTable(input, ctx)
    const table = await ctx.commit((tx) => {
      if (tx.in(tables).has(wanted.name)) throw ResourceInUseException(`Table already exists: ${wanted.name}`)
      const made = withStream(tx, wanted, input.StreamSpecification)
      tx.in(tables).put(made)
      return made
    })
    return { TableDescription: described(table, ctx) }
  },

  async DescribeTable(input, ctx) {
    const table = mustDescribeTable(ctx, input.TableName)
    if (table.isBeingMade) return { Table: described(table, ctx) }
    const count = await ctx.use(tableCounts).of(ctx, table)
    return { Table: described(table, ctx, { count }) }
  },

  async ListTables(input, ctx) {
    const limit = input.Limit ?? pageMax
    const start = input.ExclusiveStartTableName
    const range = { limit: limit + 1, ...(start !== undefined && { after: [start] }) }
    const found = [...ctx.in(tables).list(range)].map(({ name }) => name)
    const names = found.slice(0, limit)
    return { TableNames: names, ...(found.length > limit && { LastEvaluatedTableName: names.at(-1) }) }
  },

  async UpdateTable(input, ctx) {
    refuseSettings('UpdateTable', input)
    const table = await ctx.commit((tx) => {
      const before = mustDescribeTable(tx, input.TableName)
      const changed = withStream(tx, changedTable(tx, before, input), input.StreamSpecification)
      tx.in(tables).put(changed)
      return changed
    })
    return { TableDescription: described(table, ctx) }
  },

  async DeleteTable(input, ctx) {
    const table = await ctx.commit((tx) => {
      const present = mustDescribeTable(tx, input.TableName)
      if (present.isBeingMade) throw ResourceInUseException(`Table is being created: ${present.name}`)
      if (isBeingCopied(tx, present)) {
        throw ResourceInUseException(
          `Attempt to change a resource which is still in use: Table is being backed up, restored or exported: ${present.name}`,
        )
      }
      if (present.isProtected) {
        throw invalid(
          `Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.`,
        )
      }
      tx.in(tables).delete(present.name)
      disabled(tx, present)
      withoutTimeToLive(tx, present)
      withoutRecovery(tx, present)
      withoutPolicies(tx, present.id)
      // The items are out of reach at once, and are removed bit by bit.
      for (const id of [present.id, ...present.indexes.map((index) => index.id)]) {
        tx.due(tableWork).put({ id: `purge ${id}`, dueAt: tx.now, kind: 'purge', holder: id })
      }
      return present
    })
    return { TableDescription: described(table, ctx, { status: 'DELETING' }) }
  },

  async TagResource(input, ctx) {
    const added = Object.fromEntries(input.Tags.map(({ Key = '', Value = '' }) => [Key, Value]))
    await changeTags(ctx, input.ResourceArn, (tags) => ({ ...tags, ...added }))
    return {}
  },

  async UntagResource(input, ctx) {
    await changeTags(ctx, input.ResourceArn, (tags) =>
      Object.fromEntries(Object.entries(tags).filter(([key]) => !input.TagKeys.includes(key))),
    )
    return {}
  },

  async ListTagsOfResource(input, ctx) {
    const { tags } = mustGetByArn(ctx, input.ResourceArn)
    return { Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })) }
  },
})

type CreateInput = Parameters<NonNullable<Operations<'dynamodb'>['CreateTable']>>[0]

/** Errors: in AWS's words, where its settings do not go together. */
export function newTable(input: CreateInput, ctx: Context): Table {
  const definitions = input.AttributeDefinitions ?? []
  const id = ctx.random.uuid()
  const keys = keySchemaFrom(input.KeySchema, definitions)
  const local = (input.LocalSecondaryIndexes ?? []).map((one) => indexFrom('local', id, one, definitions))
  const global = (input.GlobalSecondaryIndexes ?? []).map((one) => indexFrom('global', id, one, definitions))
  const indexes = [...local, ...global]
  checkIndexes(indexes, keys)
  checkAllDefined([keys, ...indexes.map((index) => index.keys)], definitions)
  const mode = input.BillingMode ?? 'PROVISIONED'
  const throughput = throughputFrom(input.ProvisionedThroughput)
  checkBilling(mode, throughput)
  for (const index of global) checkBilling(mode, index.throughput)
  const encryption = input.SSESpecification && encryptionFrom(input.SSESpecification)
  return {
    name: input.TableName,
    id,
    createdAt: ctx.clock.now(),
    keys,
    indexes: indexes.map((index) => ({ ...index, status: 'ACTIVE' })),
    ...(throughput && { throughput }),
    ...(encryption && { encryption }),
    isProtected: input.DeletionProtectionEnabled ?? false,
    tableClass: input.TableClass ?? 'STANDARD',
    tags: Object.fromEntries((input.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value])),
  }
}

function changedTable(tx: Tx, before: Table, input: UpdateTableCommandInput): Table {
  if (before.isBeingMade || before.indexes.some((index) => index.status !== 'ACTIVE')) {
    throw ResourceInUseException(
      `Attempt to change a resource which is still in use: Table is being updated: ${before.name}`,
    )
  }
  const { throughput: present, encryption: kept, ...rest } = before
  const encryption = input.SSESpecification ? encryptionFrom(input.SSESpecification) : kept
  const given = throughputFrom(input.ProvisionedThroughput)
  const mode = input.BillingMode ?? (given || present ? 'PROVISIONED' : 'PAY_PER_REQUEST')
  const throughput = mode === 'PROVISIONED' ? (given ?? present) : undefined
  checkBilling(mode, mode === 'PROVISIONED' ? throughput : given)
  const table: Table = {
    ...rest,
    ...(throughput && { throughput }),
    ...(encryption && { encryption }),
    isProtected: input.DeletionProtectionEnabled ?? before.isProtected,
    tableClass: input.TableClass ?? before.tableClass,
  }
  const updates = input.GlobalSecondaryIndexUpdates ?? []
  if (updates.filter(({ Create, Delete }) => Create ?? Delete).length > 1) {
    throw LimitExceededException(
      'Subscriber limit exceeded: Only 1 online index can be created or deleted simultaneously per table',
    )
  }
  return updates.reduce((changed, update) => indexUpdated(tx, changed, input, update), table)
}

type IndexUpdate = NonNullable<UpdateTableCommandInput['GlobalSecondaryIndexUpdates']>[number]

function indexUpdated(tx: Tx, table: Table, input: UpdateTableCommandInput, update: IndexUpdate): Table {
  const { Create, Delete, Update } = update
  if (Create) {
    const index = indexFrom('global', table.id, Create, input.AttributeDefinitions ?? [])
    // An index made again under a name has entries of its own.
    const made = { ...index, id: `${index.id}/${tx.random.uuid()}`, status: 'CREATING' as const }
    checkIndexes([...table.indexes, made], table.keys)
    checkBilling(table.throughput ? 'PROVISIONED' : 'PAY_PER_REQUEST', made.throughput)
    const work = { kind: 'backfill' as const, holder: made.id, table: table.name }
    tx.due(tableWork).put({ id: `backfill ${made.id}`, dueAt: tx.now, ...work })
    return { ...table, indexes: [...table.indexes, made] }
  }
  const name = (Delete ?? Update)?.IndexName
  const present = table.indexes.find((index) => index.kind === 'global' && index.name === name)
  if (!present) {
    throw ResourceNotFoundException(`Requested resource not found`)
  }
  if (Delete) {
    tx.due(tableWork).put({ id: `purge ${present.id}`, dueAt: tx.now, kind: 'purge', holder: present.id })
    return { ...table, indexes: table.indexes.filter((index) => index !== present) }
  }
  const throughput = throughputFrom(Update?.ProvisionedThroughput)
  if (!throughput) throw NotImplemented('UpdateTable of an index without ProvisionedThroughput')
  return { ...table, indexes: table.indexes.map((one) => (one === present ? { ...one, throughput } : one)) }
}

function mustGetByArn(from: Pick<Context, 'in' | 'account' | 'region'>, arn: string): Table {
  const table = from.in(tables).get(arn.slice(arn.lastIndexOf('/') + 1))
  if (table && tableArn(table.name, from) === arn) return table
  throw ResourceNotFoundException(`Requested resource not found: ResourcArn: ${arn} not found`)
}

async function changeTags(ctx: Context, arn: string, change: (tags: Record<string, string>) => Record<string, string>) {
  await ctx.commit((tx) => {
    const table = mustGetByArn(tx, arn)
    tx.in(tables).put({ ...table, tags: change(table.tags) })
  })
}
