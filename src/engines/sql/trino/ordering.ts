/** ORDER BY: by position, by an output column's name, or by an expression; NULLs last unless told otherwise. */
import type { Expression, SortItem } from './ast.ts'
import type { Environment } from './compilation.ts'
import { comparable } from './operators.ts'
import { isOrderable, typeName } from './sqlTypes.ts'
import { trinoError, typeMismatch } from './trinoErrors.ts'
import type { Typed } from './typed.ts'

export interface OrderingPlace {
  env: Environment
  /** How many output columns there are, for positions. */
  columns: number
  /** The output columns' own text, so that an expression that is one of them is ordered by position. */
  outputs?: readonly Typed[]
  distinct?: boolean
}

/** ` ORDER BY …`, or nothing. */
export function orderBySql(items: readonly SortItem[], place: OrderingPlace): string {
  if (items.length === 0) return ''
  return ` ORDER BY ${items.map((item) => sortItem(item, place)).join(', ')}`
}

function sortItem(item: SortItem, place: OrderingPlace): string {
  const position = ordinal(item.value)
  if (position !== undefined && (position < 1 || position > place.columns)) {
    throw trinoError('INVALID_COLUMN_REFERENCE', `ORDER BY position ${position} is not in select list`, item.at)
  }
  if (position !== undefined) {
    const output = place.outputs?.[position - 1]
    if (output) checkOrderable(output, item)
    return directed(String(position), item)
  }
  const value = place.env.compile(item.value)
  checkOrderable(value, item)
  const index = place.outputs?.findIndex((output) => output.sql === value.sql) ?? -1
  if (index >= 0) return directed(String(index + 1), item)
  if (place.distinct)
    throw trinoError(
      'EXPRESSION_NOT_IN_DISTINCT',
      'For SELECT DISTINCT, ORDER BY expressions must appear in select list',
      item.at,
    )
  if (value.loose) throw notGrouped(value)
  return directed(comparable(value.sql, value.type), item)
}

export function notGrouped(value: Typed) {
  const { at, text } = value.loose as { at: Typed['at']; text: string }
  return trinoError(
    'EXPRESSION_NOT_AGGREGATE',
    `'${text}' must be an aggregate expression or appear in GROUP BY clause`,
    at,
  )
}

function checkOrderable(value: Typed, item: SortItem): void {
  if (!isOrderable(value.type))
    throw typeMismatch(
      `Type ${typeName(value.type)} is not orderable, and therefore cannot be used in ORDER BY`,
      item.at,
    )
}

export function directed(sql: string, item: Pick<SortItem, 'descending' | 'nullsFirst'>): string {
  return `${sql} ${item.descending ? 'DESC' : 'ASC'} NULLS ${item.nullsFirst ? 'FIRST' : 'LAST'}`
}

/** A bare positive integer names a column of the output. */
export function ordinal(node: Expression): number | undefined {
  return node.kind === 'number' && /^-?\d+$/.test(node.text) ? Number(node.text) : undefined
}
