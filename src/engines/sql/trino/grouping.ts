/** GROUP BY: expressions, positions, ROLLUP, CUBE, GROUPING SETS. */
import type { Expression, GroupingElement, Select } from './ast.ts'
import type { Environment } from './compilation.ts'
import { ordinal } from './ordering.ts'
import { isComparable, typeName } from './sqlTypes.ts'
import { trinoError, typeMismatch } from './trinoErrors.ts'

/** The clause, and the text of what it groups by: only that may stand outside aggregates. */
export function groupBySql(select: Select, env: Environment): { sql: string; columns: ReadonlySet<string> } {
  if (!select.groupBy) return { sql: '', columns: new Set() }
  const columns = new Set<string>()
  const item = (node: Expression): string => {
    const sql = groupingItem(node, select, env)
    columns.add(sql)
    return sql
  }
  const elements = select.groupBy.elements.map((element) => elementSql(element, item))
  if (select.groupBy.distinct && elements.length > 1)
    throw trinoError('NOT_SUPPORTED', 'GROUP BY DISTINCT is not supported by the embedded SQL engine', select.at)
  return { sql: ` GROUP BY ${elements.join(', ')}`, columns }
}

function elementSql(element: GroupingElement, item: (node: Expression) => string): string {
  if (element.kind === 'simple')
    return element.items.length === 0 ? 'GROUPING SETS (())' : element.items.map(item).join(', ')
  const sets = element.sets.map((set) => `(${set.map(item).join(', ')})`)
  if (element.kind === 'sets') return `GROUPING SETS (${sets.join(', ')})`
  return `${element.kind.toUpperCase()} (${sets.join(', ')})`
}

function groupingItem(node: Expression, select: Select, env: Environment): string {
  const position = ordinal(node)
  const chosen = position === undefined ? undefined : select.items[position - 1]
  if (position !== undefined && chosen?.kind !== 'expression') {
    throw trinoError('INVALID_COLUMN_REFERENCE', `GROUP BY position ${position} is not in select list`, node.at)
  }
  const value = env.compile(chosen?.kind === 'expression' ? chosen.value : node)
  const misplaced = value.aggregate ?? value.window
  if (misplaced)
    throw trinoError(
      'EXPRESSION_NOT_SCALAR',
      `GROUP BY clause cannot contain aggregations, window functions or grouping operations: [${misplaced.text}]`,
      node.at,
    )
  if (!isComparable(value.type))
    throw typeMismatch(`${typeName(value.type)} is not comparable, and therefore cannot be used in GROUP BY`, node.at)
  return value.sql
}
