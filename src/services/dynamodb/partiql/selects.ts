/** SELECT: a query of the partitions that its condition names, else a scan; page by page, as Limit and a megabyte say. */
import type { ConsumedCapacity } from '@aws-sdk/client-dynamodb'
import type { Context } from '../../../delivery/context.ts'
import type { Range } from '../../../store/collection.ts'
import { valueAt } from '../conditions.ts'
import type { Condition, Operand, Path } from '../expressionParser.ts'
import { stretchOf } from '../keyConditions.ts'
import { hashOf, type KeyAttribute } from '../keys.ts'
import { type IndexedPlace, indexedPlace, readPage, startingAfter } from '../queries.ts'
import { type Item, invalid, typeOf, type Value } from '../values.ts'
import type { Select } from './statements.ts'

export interface SelectRequest {
  ConsistentRead?: boolean | undefined
  Limit?: number | undefined
  NextToken?: string | undefined
  ReturnConsumedCapacity?: string | undefined
}

interface Token {
  statement: string
  /** Which of the partitions. */
  at: number
  key?: Item
}

export function selected(ctx: Context, select: Select, text: string, request: SelectRequest) {
  const place = indexedPlace(ctx, { TableName: select.table, IndexName: select.index, ...request })
  const { table, index, holder } = place
  const partitions = partitionsOf(select.where, place)
  const reverse = isReverse(select, place, partitions)
  const stretches: Stretched[] = partitions?.map((value) => stretchIn(select.where, value, place)) ?? [
    { range: { prefix: [holder] } },
  ]
  const filters = select.where ? [select.where] : []
  let token = tokenFrom(request.NextToken, text)
  const items: Item[] = []
  let left = request.Limit ?? Number.POSITIVE_INFINITY
  let capacity: ConsumedCapacity | undefined
  // One request reads one page of one partition after another until its limit: partitions of an IN are few.
  while (token.at < stretches.length) {
    const { range, keyCondition } = stretches[token.at] as Stretched
    const start = startingAfter({ ...range, reverse }, { ExclusiveStartKey: token.key }, table, index)
    const page = readPage(
      ctx,
      { ...request, TableName: table.name },
      {
        ...{ table, index, range: start, keyCondition, filters, paths: undefined, limit: left },
      },
    )
    items.push(...((page.Items ?? []) as unknown as Item[]))
    left -= page.ScannedCount
    capacity = added(capacity, page.ConsumedCapacity)
    const key = page.LastEvaluatedKey as Item | undefined
    token = key ? { ...token, key } : { statement: token.statement, at: token.at + 1 }
    if (key || left <= 0) break
  }
  const isMore = token.at < stretches.length
  return {
    Items: items.map((item) => chosen(item, select.paths)) as never,
    ...(isMore && { NextToken: Buffer.from(JSON.stringify(token, bytesAsText)).toString('base64') }),
    ...(isMore && token.key && { LastEvaluatedKey: token.key as never }),
    ...(capacity && { ConsumedCapacity: capacity }),
  }
}

function added(sum: ConsumedCapacity | undefined, one: ConsumedCapacity | undefined): ConsumedCapacity | undefined {
  if (!sum || !one) return sum ?? one
  return { ...one, CapacityUnits: (sum.CapacityUnits ?? 0) + (one.CapacityUnits ?? 0) }
}

/** Each path by its last name; what is not there is left out. */
function chosen(item: Item, paths: readonly Path[] | undefined): Item {
  if (!paths) return item
  const row: Item = {}
  for (const path of paths) {
    const value = valueAt(item, path)
    const name = [...path].reverse().find((part) => typeof part === 'string') as string
    if (value) row[name] = value
  }
  return row
}

/** The values that the condition gives the partition key: `=` or IN, in every case. Undefined: all partitions. */
function partitionsOf(where: Condition | undefined, { keys }: IndexedPlace): Value[] | undefined {
  const { name, type } = keys.partition
  for (const part of where ? conjuncts(where) : []) {
    if (part.kind === 'compare' && part.comparator === '=' && isPath(part.left, name) && part.right.kind === 'value') {
      return typeOf(part.right.value) === type && !isEmpty(part.right.value) ? [part.right.value] : []
    }
    if (part.kind !== 'in' || !isPath(part.value, name)) continue
    const values = part.choices.map((choice) => (choice.kind === 'value' ? choice.value : undefined))
    if (values.includes(undefined)) return undefined
    const texts = new Map(values.map((value) => [JSON.stringify(value), value as Value]))
    return [...texts.values()].filter((value) => typeOf(value) === type && !isEmpty(value))
  }
  return undefined
}

interface Stretched {
  range: Range
  /** Items that it leaves out are not read at all. */
  keyCondition?: Condition
}

/** A partition, and the stretch of its sort keys that the condition asks for. */
function stretchIn(where: Condition | undefined, value: Value, { keys, holder }: IndexedPlace): Stretched {
  const path = (name: string): Operand => ({ kind: 'path', path: [name] })
  const left: Condition = {
    ...{ kind: 'compare', comparator: '=', left: path(keys.partition.name) },
    right: { kind: 'value', value },
  }
  const right = keys.sort && where && conjuncts(where).find((part) => isOfSort(part, keys.sort as KeyAttribute))
  const keyCondition: Condition = right ? { kind: 'and', left, right } : left
  return { range: stretchOf(keyCondition, keys, holder), keyCondition }
}

function isOfSort(part: Condition, { name, type }: KeyAttribute): boolean {
  const fits = (operand: Operand) =>
    operand.kind === 'value' && typeOf(operand.value) === type && !isEmpty(operand.value)
  if (part.kind === 'compare') return part.comparator !== '<>' && isPath(part.left, name) && fits(part.right)
  if (part.kind === 'between') return isPath(part.value, name) && fits(part.low) && fits(part.high)
  return part.kind === 'begins' && isPath(part.operands[0], name) && fits(part.operands[1])
}

function isEmpty(value: Value): boolean {
  return value.S === '' || value.B?.byteLength === 0
}

export function conjuncts(condition: Condition): Condition[] {
  return condition.kind === 'and' ? [...conjuncts(condition.left), ...conjuncts(condition.right)] : [condition]
}

export function isPath(operand: { kind: string; path?: Path }, name: string): boolean {
  return operand.kind === 'path' && operand.path?.length === 1 && operand.path[0] === name
}

function isReverse({ order, where }: Select, { keys }: IndexedPlace, partitions: Value[] | undefined): boolean {
  if (order.length === 0) return false
  if (!where) throw invalid('Must have WHERE clause in the statement when using ORDER BY clause.')
  if (!partitions) {
    throw invalid('Must have at least one non-optional hash key condition in WHERE clause when using ORDER BY clause.')
  }
  const byKey = order.filter(({ attribute }) => attribute !== keys.partition.name)
  if (byKey.some(({ attribute }) => attribute !== keys.sort?.name)) {
    throw invalid(`Variable reference ${byKey[0]?.attribute} in ORDER BY clause must be part of the primary key`)
  }
  return byKey[0]?.isDescending ?? false
}

function tokenFrom(text: string | undefined, statement: string): Token {
  const hash = hashOf(statement)
  if (text === undefined) return { statement: hash, at: 0 }
  try {
    const token = JSON.parse(Buffer.from(text, 'base64').toString(), textAsBytes) as Token | null
    if (token?.statement === hash && Number.isInteger(token.at)) return token
  } catch {
    // Not JSON: the same answer as for the token of another statement.
  }
  throw invalid('NextToken does not match request')
}

const bytesMark = '\u0000bytes:'

function bytesAsText(this: unknown, name: string, value: unknown): unknown {
  const original = (this as Record<string, unknown>)[name]
  return original instanceof Uint8Array ? bytesMark + Buffer.from(original).toString('base64') : value
}

function textAsBytes(_: string, value: unknown): unknown {
  return typeof value === 'string' && value.startsWith(bytesMark)
    ? new Uint8Array(Buffer.from(value.slice(bytesMark.length), 'base64'))
    : value
}
