/** TransactWriteItems and TransactGetItems: all or nothing. */

import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { AwsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { total } from './batches.ts'
import { type Consumed, consumedCapacity, readUnits, writeUnits } from './capacity.ts'
import { Placeholders } from './expressionParser.ts'
import { collectionMetrics, type Measured, metricsByTable } from './itemCollections.ts'
import { checkKey, hashOf, placeOf } from './keys.ts'
import { projected, projectionFrom } from './projections.ts'
import { readItem } from './storage.ts'
import { mustGetTable, type Table } from './tables.ts'
import { admit, spend } from './throughput.ts'
import { checkedItem, type Item, invalid, itemSize } from './values.ts'
import { applyWrite, type Write, type WriteRequest, writeFrom } from './writes.ts'

const { IdempotentParameterMismatchException, TransactionCanceledException } = awsErrors('dynamodb')

const actionsMax = 100
const bytesMax = 4 * 1024 * 1024
/** A token is known for ten minutes after its request. */
const tokenMillis = 600_000

interface UsedToken extends Due {
  request: string
}

const usedTokens = dueQueue<UsedToken>('dynamodb/transaction-tokens')

export const tokenWorker = worker('dynamodb/transaction-tokens', {
  queue: usedTokens,
  concurrency: 2,
  async run({ id }, ctx) {
    await ctx.commit((tx) => tx.due(usedTokens).delete(id))
  },
})

interface Action {
  tableName: string
  write: Write
  /** What a condition that fails is called, where not by its own name. */
  failed?: { Code: string; Message: string }
}

export const transactionOperations = operations('dynamodb', {
  async TransactWriteItems(input, ctx) {
    checkCount(input.TransactItems.length)
    const actions = input.TransactItems.map(actionOf)
    const { ClientRequestToken: token, ReturnConsumedCapacity: wanted } = input
    const hash = token === undefined ? '' : hashOf(JSON.stringify(input.TransactItems))
    const { capacities, measured } = await transacted(ctx, { token, hash }, () => actions, wanted)
    const ItemCollectionMetrics = input.ReturnItemCollectionMetrics === 'SIZE' ? metricsByTable(measured) : undefined
    return {
      ...(capacities.length > 0 && { ConsumedCapacity: capacities }),
      ...(ItemCollectionMetrics && { ItemCollectionMetrics }),
    }
  },

  async TransactGetItems(input, ctx) {
    checkCount(input.TransactItems.length)
    const consumed = new Map<Table, Consumed[]>()
    const Responses = input.TransactItems.map(({ Get }) => {
      if (!Get) throw invalid('TransactItems can only contain one of Get')
      const placeholders = new Placeholders(Get.ExpressionAttributeNames, undefined, [Get.ProjectionExpression])
      const paths = projectionFrom(Get.ProjectionExpression, placeholders)
      placeholders.checkAllUsed()
      const table = mustGetTable(ctx, Get.TableName as string)
      const key = checkedItem(Get.Key as Item)
      checkKey(key, table.keys)
      admit(ctx, ctx.clock.now(), table, 'read')
      const item = readItem(ctx, table, key)
      const units = readUnits(item ? itemSize(item) : 0, true)
      consumed.set(table, [...(consumed.get(table) ?? []), { table: units, indexes: {} }])
      return item ? { Item: projected(item, paths) as never } : {}
    })
    const capacities = [...consumed].map(([table, ones]) => {
      const all = doubled(total(ones))
      spend(ctx, ctx.clock.now(), table, 'read', all)
      return consumedCapacity(input.ReturnConsumedCapacity, table, all)
    })
    const shown = capacities.filter((capacity) => capacity !== undefined)
    return { Responses, ...(shown.length > 0 && { ConsumedCapacity: shown }) }
  },
})

/** All of them or none, and once for each token; answers what it consumed, where that is wanted, and the collections' sizes. */
export async function transacted(
  ctx: Context,
  { token, hash }: { token: string | undefined; hash: string },
  actionsIn: (tx: Tx) => Action[],
  wanted: string | undefined,
): Promise<{ capacities: ConsumedCapacity[]; measured: Measured[] }> {
  return await ctx.commit((tx) => {
    if (token !== undefined && isRepeated(tx, token, hash)) return { capacities: [], measured: [] }
    const actions = actionsIn(tx)
    const done = applyAll(tx, actions)
    const capacities = [...done].flatMap(([table, consumed]) => {
      const all = doubled(total(consumed))
      tx.afterApply(() => spend(tx, tx.now, table, 'write', all))
      return consumedCapacity(wanted, table, all) ?? []
    })
    const measured = actions.map(({ tableName, write }) => {
      const table = mustGetTable(tx, tableName)
      return { table, metrics: collectionMetrics(tx, table, write.item) }
    })
    return { capacities, measured }
  })
}

function checkCount(count: number): void {
  if (count <= actionsMax) return
  throw invalid(
    `1 validation error detected: Value at 'transactItems' failed to satisfy constraint: Member must have length less than or equal to ${actionsMax}`,
  )
}

/** A transaction prepares and then commits each item, so it costs twice. */
function doubled(consumed: Consumed): Consumed {
  return total([consumed, consumed])
}

type TransactItem =
  Partial<
    Record<'Put' | 'Update' | 'Delete' | 'ConditionCheck', WriteRequest & { TableName?: string | undefined }>
  > extends infer T
    ? { [K in keyof T]?: T[K] | undefined }
    : never

function actionOf(item: unknown): Action {
  const given = Object.entries(item as TransactItem).filter(([, request]) => request !== undefined)
  const [name, request] = (given[0] ?? []) as [string, WriteRequest & { TableName: string; Item?: Item; Key?: Item }]
  if (given.length !== 1) {
    throw invalid('TransactItems can only contain one of Check, Put, Update or Delete')
  }
  const kind = ({ Put: 'put', Update: 'update', Delete: 'delete', ConditionCheck: 'check' } as const)[name] as 'put'
  return { tableName: request.TableName, write: writeFrom(kind, request.Item ?? request.Key, request) }
}

function isRepeated(tx: Tx, token: string, request: string): boolean {
  const rows = tx.due(usedTokens)
  const known = rows.get(token)
  if (!known || known.dueAt <= tx.now) {
    rows.put({ id: token, dueAt: tx.now + tokenMillis, request })
    return false
  }
  if (known.request === request) return true
  throw IdempotentParameterMismatchException(
    'Request rejected because the client request token was used with different parameters',
  )
}

/** Every action is tried, so that each one's reason is told; then one failure undoes all. */
function applyAll(tx: Tx, actions: readonly Action[]): Map<Table, Consumed[]> {
  checkDistinct(tx, actions)
  const consumed = new Map<Table, Consumed[]>()
  const reasons = actions.map(({ tableName, write, failed }) => {
    const table = mustGetTable(tx, tableName)
    admit(tx, tx.now, table, 'write')
    try {
      const { before, after } = applyWrite(tx, table, write)
      consumed.set(table, [...(consumed.get(table) ?? []), writeUnits(table, before, after)])
      return { Code: 'None' }
    } catch (error) {
      const reason = reasonOf(error)
      return reason.Code === 'ConditionalCheckFailed' && failed ? failed : reason
    }
  })
  if (reasons.every(({ Code }) => Code === 'None')) return consumed
  throw TransactionCanceledException(
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${reasons.map(({ Code }) => Code).join(', ')}]`,
    { CancellationReasons: reasons },
  )
}

function reasonOf(error: unknown): { Code: string; Message?: string; Item?: unknown } {
  if (!(error instanceof AwsError)) throw error
  if (error.code === 'ConditionalCheckFailedException') {
    const { Item: before } = (error.fields ?? {}) as { Item?: unknown }
    return { Code: 'ConditionalCheckFailed', Message: error.message, ...(before !== undefined && { Item: before }) }
  }
  if (error.code === 'ItemCollectionSizeLimitExceededException') {
    return { Code: 'ItemCollectionSizeLimitExceeded', Message: error.message }
  }
  if (error.code === 'ValidationException') return { Code: 'ValidationError', Message: error.message }
  throw error
}

function checkDistinct(tx: Tx, actions: readonly Action[]): void {
  const places = actions.map(({ tableName, write }) => {
    const table = mustGetTable(tx, tableName)
    const { partition, sort } = table.keys
    if (!write.item[partition.name] || (sort && !write.item[sort.name])) {
      throw invalid('The provided key element does not match the schema')
    }
    return JSON.stringify([table.id, placeOf(write.item, table.keys)])
  })
  if (new Set(places).size < places.length) {
    throw invalid('Transaction request cannot include multiple operations on one item')
  }
  const bytes = actions.reduce((sum, { write }) => sum + itemSize(write.item), 0)
  if (bytes > bytesMax) throw invalid('Item size has exceeded the maximum allowed size')
}
