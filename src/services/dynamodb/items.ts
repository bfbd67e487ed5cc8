/** Operations on one item. */
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { consumedCapacity, readUnits, writeUnits } from './capacity.ts'
import { Placeholders } from './expressionParser.ts'
import { collectionMetrics } from './itemCollections.ts'
import { checkKey } from './keys.ts'
import { attributesToGet, checkNotMixed } from './legacyParameters.ts'
import { projected, projectionFrom } from './projections.ts'
import { readItem } from './storage.ts'
import { mustGetTable, type Table } from './tables.ts'
import { admit, spend } from './throughput.ts'
import { checkedItem, type Item, invalid, itemSize } from './values.ts'
import { applyWrite, type Write, type Written, writeFrom } from './writes.ts'

export const itemOperations = operations('dynamodb', {
  async GetItem(input, ctx) {
    checkNotMixed(input)
    const placeholders = new Placeholders(input.ExpressionAttributeNames, undefined, [input.ProjectionExpression])
    const paths = projectionFrom(input.ProjectionExpression, placeholders) ?? attributesToGet(input.AttributesToGet)
    placeholders.checkAllUsed()
    const table = mustGetTable(ctx, input.TableName)
    const key = checkedItem(input.Key as Item)
    checkKey(key, table.keys)
    admit(ctx, ctx.clock.now(), table, 'read')
    const item = readItem(ctx, table, key)
    const units = readUnits(item ? itemSize(item) : 0, input.ConsistentRead)
    const consumed = { table: units, indexes: {} }
    spend(ctx, ctx.clock.now(), table, 'read', consumed)
    const ConsumedCapacity = consumedCapacity(input.ReturnConsumedCapacity, table, consumed)
    return { ...(item && { Item: projected(item, paths) as never }), ...(ConsumedCapacity && { ConsumedCapacity }) }
  },

  async PutItem(input, ctx) {
    checkWrite(input, ['NONE', 'ALL_OLD'])
    return await written(ctx, input, writeFrom('put', input.Item, input))
  },

  async DeleteItem(input, ctx) {
    checkWrite(input, ['NONE', 'ALL_OLD'])
    return await written(ctx, input, writeFrom('delete', input.Key, input))
  },

  async UpdateItem(input, ctx) {
    checkWrite(input, ['NONE', 'ALL_OLD', 'ALL_NEW', 'UPDATED_OLD', 'UPDATED_NEW'])
    return await written(ctx, input, writeFrom('update', input.Key, input))
  },
})

interface Answering {
  TableName: string | undefined
  ReturnValues?: string | undefined
  ReturnConsumedCapacity?: string | undefined
  ReturnItemCollectionMetrics?: string | undefined
}

function checkWrite(input: Answering, returnValues: readonly string[]): void {
  if (returnValues.includes(input.ReturnValues ?? 'NONE')) return
  throw invalid(returnValues.length === 2 ? 'Return values set to invalid value' : 'Unknown ReturnValues')
}

async function written(ctx: Context, input: Answering, write: Write) {
  const isMeasured = input.ReturnItemCollectionMetrics === 'SIZE'
  const { table, done, metrics } = await ctx.commit((tx) => {
    const found = mustGetTable(tx, input.TableName as string)
    admit(tx, tx.now, found, 'write')
    const done = applyWrite(tx, found, write)
    return { table: found, done, metrics: isMeasured ? collectionMetrics(tx, found, write.item) : undefined }
  })
  const attributes = returned(input.ReturnValues, write, done)
  const ConsumedCapacity = capacityOf(ctx, input, table, done)
  return {
    ...(attributes && Object.keys(attributes).length > 0 && { Attributes: attributes as never }),
    ...(ConsumedCapacity && { ConsumedCapacity }),
    ...(metrics && { ItemCollectionMetrics: metrics }),
  }
}

/** Counted whoever asks: CloudWatch's metrics tell of every table. */
function capacityOf(ctx: Context, input: Answering, table: Table, { before, after }: Written) {
  const consumed = writeUnits(table, before, after)
  spend(ctx, ctx.clock.now(), table, 'write', consumed)
  return consumedCapacity(input.ReturnConsumedCapacity, table, consumed)
}

function returned(which: string | undefined, { actions }: Write, { before, after }: Written): Item | undefined {
  const paths = actions.map(({ path }) => path)
  if (which === 'ALL_OLD') return before
  if (which === 'ALL_NEW') return after
  if (which === 'UPDATED_OLD') return before && projected(before, paths)
  return which === 'UPDATED_NEW' ? after && projected(after, paths) : undefined
}
