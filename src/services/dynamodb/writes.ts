/** One write of one item: put, update, delete or check, alone or in a batch or transaction. */
import type { Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { checkBounds, meets } from './conditions.ts'
import { type Condition, ExpressionParser, type Path, Placeholders } from './expressionParser.ts'
import { checkKey } from './keys.ts'
import { attributeUpdates, checkNotMixed, expectedCondition } from './legacyParameters.ts'
import { checkNewItem, readItem, writeItem } from './storage.ts'
import type { Table } from './tables.ts'
import { type UpdateAction, updated, updateFrom } from './updates.ts'
import { checkedItem, type Item, invalid } from './values.ts'

const { ConditionalCheckFailedException } = awsErrors('dynamodb')

export interface Write {
  kind: 'put' | 'update' | 'delete' | 'check'
  /** The whole item, or its key. */
  item: Item
  condition: Condition | undefined
  actions: UpdateAction[]
  /** AttributeUpdates that only delete make no new item; an UpdateExpression does. */
  neverCreates?: boolean
  returnsFailed: boolean
}

export interface WriteRequest {
  ExpressionAttributeNames?: Record<string, string> | undefined
  ExpressionAttributeValues?: unknown
  ConditionExpression?: string | undefined
  UpdateExpression?: string | undefined
  /** The older forms of the two; see legacyParameters.ts. */
  Expected?: Record<string, object> | undefined
  AttributeUpdates?: Record<string, object> | undefined
  ConditionalOperator?: string | undefined
  ReturnValuesOnConditionCheckFailure?: string | undefined
}

export interface Written {
  before: Item | undefined
  after: Item | undefined
}

export function writeFrom(kind: Write['kind'], item: unknown, request: WriteRequest): Write {
  checkNotMixed(request)
  const { ConditionExpression, UpdateExpression, ExpressionAttributeNames, AttributeUpdates } = request
  const values = request.ExpressionAttributeValues as Item | undefined
  const placeholders = new Placeholders(ExpressionAttributeNames, values, [UpdateExpression, ConditionExpression])
  const actions = AttributeUpdates ? attributeUpdates(AttributeUpdates) : updateFrom(UpdateExpression, placeholders)
  const condition =
    conditionFrom('ConditionExpression', ConditionExpression, placeholders) ??
    expectedCondition(request.Expected, request.ConditionalOperator)
  placeholders.checkAllUsed()
  const returnsFailed = request.ReturnValuesOnConditionCheckFailure === 'ALL_OLD'
  const neverCreates =
    AttributeUpdates !== undefined &&
    actions.length > 0 &&
    actions.every((action) => action.kind === 'remove' || action.kind === 'delete')
  return { kind, item: checkedItem(item as Item), condition, actions, neverCreates, returnsFailed }
}

export function conditionFrom(
  kind: 'ConditionExpression' | 'FilterExpression' | 'KeyConditionExpression',
  text: string | undefined,
  placeholders: Placeholders,
): Condition | undefined {
  if (text === undefined) return undefined
  const condition = new ExpressionParser(kind, text, placeholders).condition()
  checkBounds(kind, condition)
  return condition
}

export function applyWrite(tx: Tx, table: Table, write: Write): Written {
  if (write.kind === 'put') checkNewItem(write.item, table)
  else checkKey(write.item, table.keys)
  checkNoKeyChange(
    table,
    write.actions.map(({ path }) => path),
  )
  const before = readItem(tx, table, write.item)
  if (write.condition && !meets(before ?? {}, write.condition)) {
    throw ConditionalCheckFailedException(
      'The conditional request failed',
      before && write.returnsFailed ? { Item: before } : undefined,
    )
  }
  if (write.kind === 'check') return { before, after: before }
  const after = afterWrite(write, table, before)
  if (before ?? after) writeItem(tx, table, { before, after })
  return { before, after }
}

function afterWrite(write: Write, table: Table, before: Item | undefined): Item | undefined {
  if (write.kind === 'delete') return undefined
  if (write.kind === 'put') return write.item
  if (!before && write.neverCreates) return undefined
  const after = updated(before ?? write.item, write.actions)
  checkNewItem(after, table, 'Item size to update has exceeded the maximum allowed size')
  return after
}

function checkNoKeyChange(table: Table, paths: readonly Path[]): void {
  for (const [name] of paths) {
    if (name !== table.keys.partition.name && name !== table.keys.sort?.name) continue
    throw invalid(
      `One or more parameter values were invalid: Cannot update attribute ${name}. This attribute is part of the key`,
    )
  }
}
