/** INSERT, UPDATE, DELETE and EXISTS as writes of one item (writes.ts): the condition gives its key, and what else must hold. */
import type { Tx } from '../../../delivery/context.ts'
import { AwsError, awsErrors } from '../../../wire/errors.ts'
import type { Condition } from '../expressionParser.ts'
import { attributesOf } from '../keys.ts'
import { checkApart, projected } from '../projections.ts'
import { mustGetTable, type Table } from '../tables.ts'
import { type Item, invalid, typeOf } from '../values.ts'
import { applyWrite, type Write, type Written } from '../writes.ts'
import { conjuncts, isPath } from './selects.ts'
import type { Returning, Select, Statement } from './statements.ts'

const { DuplicateItemException } = awsErrors('dynamodb')

export type Change = Exclude<Statement, Select>

export const duplicateText = 'Duplicate primary key exists in table'

export function tableOf(statement: Statement): string {
  return statement.kind === 'exists' ? statement.select.table : statement.table
}

export function writeOf(statement: Change, table: Table): Write {
  if (statement.kind === 'insert') {
    const condition: Condition = { kind: 'exists', path: [table.keys.partition.name], wanted: false }
    return { kind: 'put', item: statement.item, condition, actions: [], returnsFailed: false }
  }
  const where = statement.kind === 'exists' ? statement.select.where : statement.where
  const { key, rest } = keyIn(where, table)
  if (statement.kind === 'delete')
    return { kind: 'delete', item: key, condition: rest, actions: [], returnsFailed: false }
  const isThere: Condition = { kind: 'exists', path: [table.keys.partition.name], wanted: true }
  const condition: Condition = rest ? { kind: 'and', left: isThere, right: rest } : isThere
  if (statement.kind === 'exists') return { kind: 'check', item: key, condition, actions: [], returnsFailed: false }
  checkApart(
    'UpdateExpression',
    statement.actions.map(({ path }) => path),
  )
  return { kind: 'update', item: key, condition, actions: statement.actions, returnsFailed: false }
}

/** Errors: where the condition does not name one item. */
export function keyIn(where: Condition | undefined, { keys }: Table): { key: Item; rest: Condition | undefined } {
  const parts = where ? conjuncts(where) : []
  const key: Item = {}
  let rest: Condition | undefined
  for (const part of parts) {
    const attribute = attributesOf(keys).find(
      ({ name }) => part.kind === 'compare' && part.comparator === '=' && isPath(part.left, name),
    )
    if (attribute && part.kind === 'compare' && part.right.kind === 'value' && !key[attribute.name]) {
      key[attribute.name] = part.right.value
    } else rest = rest ? { kind: 'and', left: rest, right: part } : part
  }
  const isWhole = attributesOf(keys).every(({ name, type }) => key[name] && typeOf(key[name]) === type)
  if (isWhole) return { key, rest }
  throw invalid('Where clause does not contain a mandatory equality on all key attributes')
}

export interface Changed extends Written {
  table: Table
  items: Item[]
}

/** Errors: as of an item's own operations; an item that is there already has a name of its own. */
export function changed(tx: Tx, statement: Change): Changed {
  const table = mustGetTable(tx, tableOf(statement))
  const write = writeOf(statement, table)
  try {
    const written = applyWrite(tx, table, write)
    const returning = 'returning' in statement ? statement.returning : undefined
    const item = returning && returned(returning, write, written)
    return { ...written, table, items: item ? [item] : [] }
  } catch (error) {
    const isDuplicate =
      statement.kind === 'insert' && error instanceof AwsError && error.code === 'ConditionalCheckFailedException'
    throw isDuplicate ? DuplicateItemException(duplicateText) : error
  }
}

function returned(which: Returning, { actions }: Write, { before, after }: Written): Item | undefined {
  const item = which.endsWith('OLD') ? before : after
  if (!item || which.startsWith('ALL')) return item
  return projected(
    item,
    actions.map(({ path }) => path),
  )
}
