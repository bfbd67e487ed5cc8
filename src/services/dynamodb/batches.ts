/** BatchGetItem and BatchWriteItem: many items in one request, each for itself. */
import type { Context } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { type Consumed, consumedCapacity, readUnits, writeUnits } from './capacity.ts'
import { Placeholders } from './expressionParser.ts'
import { collectionMetrics, metricsByTable } from './itemCollections.ts'
import { checkKey, placeOf } from './keys.ts'
import { attributesToGet, checkNotMixed } from './legacyParameters.ts'
import { projected, projectionFrom } from './projections.ts'
import { readItem } from './storage.ts'
import { mustGetTable, type Table, tableNameOf } from './tables.ts'
import { admit, spend } from './throughput.ts'
import { checkedItem, type Item, invalid, itemSize } from './values.ts'
import { applyWrite, type Write, writeFrom } from './writes.ts'

const keysMax = 100
const writesMax = 25
const answerBytesMax = 16 * 1024 * 1024

export const batchOperations = operations('dynamodb', {
  async BatchGetItem(input, ctx) {
    const requests = Object.entries(input.RequestItems)
    const count = requests.reduce((sum, [, request]) => sum + (request.Keys?.length ?? 0), 0)
    if (count === 0) throw invalid('The list of keys in RequestItems for BatchGetItem is required')
    if (count > keysMax) throw invalid('Too many items requested for the BatchGetItem call')
    const answer = { Responses: {}, UnprocessedKeys: {}, capacities: [] as unknown[], bytes: 0 }
    for (const [name, request] of requests) getFromOne(ctx, name, request, input.ReturnConsumedCapacity, answer)
    const { Responses, UnprocessedKeys, capacities } = answer
    return { Responses, UnprocessedKeys, ...(capacities.length > 0 && { ConsumedCapacity: capacities as never }) }
  },

  async BatchWriteItem(input, ctx) {
    const requests = Object.entries(input.RequestItems)
    const count = requests.reduce((sum, [, writes]) => sum + writes.length, 0)
    if (count === 0) throw invalid('The batch write request list for a table cannot be null or empty')
    if (count > writesMax) throw invalid('Too many items requested for the BatchWriteItem call')
    const writes = requests.map(([name, ones]) => ({ name: tableNameOf(name), writes: ones.map(writeOf) }))
    const isMeasured = input.ReturnItemCollectionMetrics === 'SIZE'
    const done = await ctx.commit((tx) =>
      writes.map(({ name, writes: ones }) => {
        const table = mustGetTable(tx, name)
        admit(tx, tx.now, table, 'write')
        checkDistinct(
          table,
          ones.map(({ item }) => item),
        )
        const consumed = ones.map((write) => {
          const { before, after } = applyWrite(tx, table, write)
          return writeUnits(table, before, after)
        })
        const all = total(consumed)
        tx.afterApply(() => spend(tx, tx.now, table, 'write', all))
        const measured = (isMeasured ? ones : []).map(({ item }) => ({
          table,
          metrics: collectionMetrics(tx, table, item),
        }))
        return { capacity: consumedCapacity(input.ReturnConsumedCapacity, table, all), measured }
      }),
    )
    const shown = done.flatMap(({ capacity }) => capacity ?? [])
    const ItemCollectionMetrics = metricsByTable(done.flatMap(({ measured }) => measured))
    return {
      UnprocessedItems: {},
      ...(shown.length > 0 && { ConsumedCapacity: shown }),
      ...(ItemCollectionMetrics && { ItemCollectionMetrics }),
    }
  },
})

interface BatchAnswer {
  Responses: Record<string, never>
  UnprocessedKeys: Record<string, never>
  capacities: unknown[]
  bytes: number
}

interface KeysRequest {
  Keys?: unknown
  ConsistentRead?: boolean | undefined
  ExpressionAttributeNames?: Record<string, string> | undefined
  ProjectionExpression?: string | undefined
  AttributesToGet?: string[] | undefined
}

function getFromOne(
  ctx: Context,
  name: string,
  request: KeysRequest,
  wantsCapacity: string | undefined,
  answer: BatchAnswer,
): void {
  checkNotMixed(request)
  const placeholders = new Placeholders(request.ExpressionAttributeNames, undefined, [request.ProjectionExpression])
  const paths = projectionFrom(request.ProjectionExpression, placeholders) ?? attributesToGet(request.AttributesToGet)
  placeholders.checkAllUsed()
  const table = mustGetTable(ctx, name)
  const keys = (request.Keys as Item[]).map((key) => checkedItem(key))
  for (const key of keys) checkKey(key, table.keys)
  checkDistinct(table, keys)
  admit(ctx, ctx.clock.now(), table, 'read')
  const found: Item[] = []
  const left: Item[] = []
  let units = 0
  for (const key of keys) {
    const item = answer.bytes < answerBytesMax ? readItem(ctx, table, key) : undefined
    if (answer.bytes >= answerBytesMax) left.push(key)
    else units += readUnits(item ? itemSize(item) : 0, request.ConsistentRead)
    if (!item) continue
    answer.bytes += itemSize(item)
    found.push(projected(item, paths))
  }
  answer.Responses[name] = found as never
  if (left.length > 0) answer.UnprocessedKeys[name] = { ...request, Keys: left } as never
  const consumed = { table: units, indexes: {} }
  spend(ctx, ctx.clock.now(), table, 'read', consumed)
  const capacity = consumedCapacity(wantsCapacity, table, consumed)
  if (capacity) answer.capacities.push(capacity)
}

interface BatchWrite {
  PutRequest?: { Item?: unknown } | undefined
  DeleteRequest?: { Key?: unknown } | undefined
}

function writeOf({ PutRequest, DeleteRequest }: BatchWrite): Write {
  if (PutRequest && !DeleteRequest) return writeFrom('put', PutRequest.Item, {})
  if (DeleteRequest && !PutRequest) return writeFrom('delete', DeleteRequest.Key, {})
  throw invalid(
    'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
  )
}

/** By the place that the key gives; a key that fits no schema is refused later, in its own words. */
function checkDistinct(table: Table, keys: readonly Item[]): void {
  const { partition, sort } = table.keys
  const complete = keys.filter((key) => key[partition.name] && (!sort || key[sort.name]))
  const places = complete.map((key) => JSON.stringify(placeOf(key, table.keys)))
  if (new Set(places).size < places.length) throw invalid('Provided list of item keys contains duplicates')
}

export function total(all: readonly Consumed[]): Consumed {
  const sum: Consumed = { table: 0, indexes: {} }
  for (const { table, indexes } of all) {
    sum.table += table
    for (const name in indexes) sum.indexes[name] = (sum.indexes[name] ?? 0) + (indexes[name] as number)
  }
  return sum
}
