/** Query and Scan: pages of a table or an index, in order. */
import type { Context } from '../../delivery/context.ts'
import type { Range } from '../../store/collection.ts'
import type { KeyPart } from '../../store/keys.ts'
import { operations } from '../service.ts'
import { consumedCapacity, readUnits } from './capacity.ts'
import { meets } from './conditions.ts'
import { type Condition, type Path, Placeholders } from './expressionParser.ts'
import { stretchOf } from './keyConditions.ts'
import { attributesOf, hashOf, type KeySchema, keyOf, placeOf } from './keys.ts'
import { attributesToGet, checkNotMixed, legacyFilter, legacyKeyCondition } from './legacyParameters.ts'
import { projected, projectionFrom } from './projections.ts'
import { entryOf, indexEntries, indexed, items } from './storage.ts'
import { type Index, mustGetTable, type Table } from './tables.ts'
import { admit, spend } from './throughput.ts'
import { checkedItem, type Item, invalid, itemSize, typeOf } from './values.ts'
import { conditionFrom } from './writes.ts'

const pageBytesMax = 1024 * 1024

interface Reading {
  table: Table
  index: Index | undefined
  range: Range
  filters: Condition[]
  /** Of items that the key condition, not the filter, leaves out: they are not counted as scanned. */
  keyCondition?: Condition | undefined
  inSegment?: (partition: string) => boolean
  paths: Path[] | undefined
  limit: number
}

interface ReadRequest {
  TableName: string | undefined
  IndexName?: string | undefined
  Select?: string | undefined
  ConsistentRead?: boolean | undefined
  ExclusiveStartKey?: unknown
  Limit?: number | undefined
  ReturnConsumedCapacity?: string | undefined
}

export const queryOperations = operations('dynamodb', {
  async Query(input, ctx) {
    checkNotMixed(input)
    const { KeyConditionExpression: text, KeyConditions } = input
    if (text === undefined && !KeyConditions) {
      throw invalid('Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.')
    }
    const expressions = [text, input.FilterExpression, input.ProjectionExpression]
    const values = input.ExpressionAttributeValues as Item | undefined
    const placeholders = new Placeholders(input.ExpressionAttributeNames, values, expressions)
    const keyCondition = KeyConditions
      ? legacyKeyCondition(KeyConditions)
      : (conditionFrom('KeyConditionExpression', text, placeholders) as Condition)
    const filter =
      conditionFrom('FilterExpression', input.FilterExpression, placeholders) ??
      legacyFilter(input.QueryFilter, input.ConditionalOperator)
    const paths = projectionFrom(input.ProjectionExpression, placeholders) ?? attributesToGet(input.AttributesToGet)
    placeholders.checkAllUsed()
    const { table, index, keys, holder } = indexedPlace(ctx, input)
    if (filter) checkFilter(filter, keys)
    const isReverse = input.ScanIndexForward === false
    const range = startingAfter({ ...stretchOf(keyCondition, keys, holder), reverse: isReverse }, input, table, index)
    const filters = filter ? [filter] : []
    return readPage(ctx, input, { table, index, range, filters, keyCondition, paths, limit: limitOf(input) })
  },

  async Scan(input, ctx) {
    checkNotMixed(input)
    const values = input.ExpressionAttributeValues as Item | undefined
    const expressions = [input.FilterExpression, input.ProjectionExpression]
    const placeholders = new Placeholders(input.ExpressionAttributeNames, values, expressions)
    const filter =
      conditionFrom('FilterExpression', input.FilterExpression, placeholders) ??
      legacyFilter(input.ScanFilter, input.ConditionalOperator)
    const paths = projectionFrom(input.ProjectionExpression, placeholders) ?? attributesToGet(input.AttributesToGet)
    placeholders.checkAllUsed()
    const { table, index, holder } = indexedPlace(ctx, input)
    const range = startingAfter({ prefix: [holder] }, input, table, index)
    const inSegment = segmentFrom(input.Segment, input.TotalSegments)
    const filters = filter ? [filter] : []
    return readPage(ctx, input, {
      table,
      index,
      range,
      filters,
      paths,
      limit: limitOf(input),
      ...(inSegment && { inSegment }),
    })
  },
})

export type IndexedPlace = ReturnType<typeof indexedPlace>

/** The table or the index that a request reads. Errors: where it cannot be read as asked. */
export function indexedPlace(ctx: Context, input: ReadRequest) {
  const table = mustGetTable(ctx, input.TableName as string)
  if (input.IndexName === undefined) {
    if (input.Select === 'ALL_PROJECTED_ATTRIBUTES') {
      throw invalid('ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName')
    }
    return { table, index: undefined, keys: table.keys, holder: table.id }
  }
  const index = table.indexes.find((one) => one.name === input.IndexName)
  if (!index) throw invalid(`The table does not have the specified index: ${input.IndexName}`)
  if (index.status !== 'ACTIVE') {
    throw invalid(`Cannot read from backfilling global secondary index: ${index.name}`)
  }
  if (input.ConsistentRead && index.kind === 'global') {
    throw invalid('Consistent reads are not supported on global secondary indexes')
  }
  if (input.Select === 'ALL_ATTRIBUTES' && index.kind === 'global' && index.projection.type !== 'ALL') {
    throw invalid(
      `One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported for global secondary index ${index.name} because its projection type is not ALL`,
    )
  }
  return { table, index, keys: index.keys, holder: index.id }
}

function limitOf({ Limit }: ReadRequest): number {
  return Limit ?? Number.POSITIVE_INFINITY
}

function checkFilter(filter: Condition, keys: KeySchema): void {
  const names = new Set(attributesOf(keys).map(({ name }) => name))
  const walk = (node: unknown): void => {
    if (typeof node !== 'object' || node === null) return
    const { path } = node as { path?: Path }
    if (path?.length === 1 && names.has(path[0] as string)) {
      throw invalid(`Filter Expression can only contain non-primary key attributes: Primary key attribute: ${path[0]}`)
    }
    // Values are data, not part of the tree.
    for (const [name, child] of Object.entries(node)) if (name !== 'value' || 'comparator' in node) walk(child)
  }
  walk(filter)
}

export function startingAfter(
  range: Range,
  input: Pick<ReadRequest, 'ExclusiveStartKey'>,
  table: Table,
  index: Index | undefined,
): Range {
  if (input.ExclusiveStartKey === undefined) return range
  const start = checkedItem(input.ExclusiveStartKey as Item)
  const attributes = new Map([table.keys, ...(index ? [index.keys] : [])].flatMap(attributesOf).map((a) => [a.name, a]))
  const fits = [...attributes.values()].every(({ name, type }) => start[name] && typeOf(start[name]) === type)
  if (!fits || Object.keys(start).length !== attributes.size) {
    throw invalid('The provided starting key is invalid')
  }
  const key = storeKey(start, table, index)
  const isOutside = range.prefix?.some((part, at) => part !== key[at])
  if (isOutside) throw invalid('The provided starting key is outside query boundaries based on provided conditions')
  return range.reverse ? { ...range, before: key } : { ...range, after: key }
}

function storeKey(item: Item, table: Table, index: Index | undefined): readonly KeyPart[] {
  const entry = index && entryOf(item, table, index)
  if (entry) return [entry.index, entry.partition, entry.sort, entry.of]
  const { partition, sort } = placeOf(item, table.keys)
  return [table.id, partition, sort]
}

/** A segment is the partitions whose hash falls to it. */
function segmentFrom(segment: number | undefined, total: number | undefined) {
  if (segment === undefined && total === undefined) return undefined
  if (total === undefined)
    throw invalid(
      'The TotalSegments parameter is required but was not present in the request when Segment parameter is present',
    )
  if (segment === undefined)
    throw invalid(
      'The Segment parameter is required but was not present in the request when parameter TotalSegments is present',
    )
  if (segment >= total) {
    throw invalid(
      `The Segment parameter is zero-based and must be less than parameter TotalSegments: Segment: ${segment} is not less than TotalSegments: ${total}`,
    )
  }
  return (partition: string) => Buffer.from(hashOf(partition), 'base64url').readUInt32BE() % total === segment
}

function* itemsIn(ctx: Context, { table, index, range, inSegment }: Reading): Iterable<Item> {
  if (!index) {
    for (const { item, partition } of ctx.in(items).list(range)) if (!inSegment || inSegment(partition)) yield item
    return
  }
  for (const { at, partition } of ctx.in(indexEntries).list(range)) {
    if (inSegment && !inSegment(partition)) continue
    const stored = ctx.in(items).get(table.id, at.partition, at.sort)
    if (stored) yield stored.item
  }
}

/** A page ends at the limit of items, or with the item that fills a megabyte. */
export function readPage(ctx: Context, input: ReadRequest, reading: Reading) {
  const { table, index, filters, keyCondition, paths, limit } = reading
  admit(ctx, ctx.clock.now(), table, 'read', index?.name)
  const isWhole = !index || input.Select === 'ALL_ATTRIBUTES' || (index.kind === 'local' && paths !== undefined)
  const found: Item[] = []
  let [scanned, bytes] = [0, 0]
  let last: Item | undefined
  for (const item of itemsIn(ctx, reading)) {
    if (keyCondition && !meets(item, keyCondition)) continue
    const seen = isWhole ? item : indexed(item, table, index)
    scanned++
    bytes += itemSize(seen)
    if (filters.every((filter) => meets(seen, filter))) found.push(projected(seen, paths))
    if (scanned < limit && bytes < pageBytesMax) continue
    last = item
    break
  }
  const units = readUnits(bytes, input.ConsistentRead)
  const consumed = index ? { table: 0, indexes: { [index.name]: units } } : { table: units, indexes: {} }
  spend(ctx, ctx.clock.now(), table, 'read', consumed)
  const ConsumedCapacity = consumedCapacity(input.ReturnConsumedCapacity, table, consumed)
  const lastKey = last && keyOf(last, table.keys, ...(index ? [index.keys] : []))
  return {
    ...(input.Select !== 'COUNT' && { Items: found as never }),
    Count: found.length,
    ScannedCount: scanned,
    ...(lastKey && { LastEvaluatedKey: lastKey as never }),
    ...(ConsumedCapacity && { ConsumedCapacity }),
  }
}
