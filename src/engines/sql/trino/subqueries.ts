/** Queries inside expressions: scalars, EXISTS, IN, and comparisons with ALL or ANY. */
import type { Token } from '../tokens.ts'
import type { Expression, Query } from './ast.ts'
import { coerce, commonType } from './coercion.ts'
import type { Environment, NamedQuery } from './compilation.ts'
import { comparable, compare } from './operators.ts'
import { compileQuery } from './queries.ts'
import { boolean, rowOf, type SqlType, typeName } from './sqlTypes.ts'
import { trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'

export function compileSubquery(node: Extract<Expression, { kind: 'subquery' }>, env: Environment): Typed {
  const query = compileQuery(node.query, env)
  const [column, ...more] = query.columns
  if (!column) throw new Error('a query has columns')
  if (more.length > 0) return rowSubquery(query, node.at, env)
  return { sql: `(${query.sql})`, type: column.type, at: node.at }
}

/** A sub-query of several columns is a row of them. */
function rowSubquery(query: NamedQuery, at: Token, env: Environment): Typed {
  return {
    sql: `(${asRows(query, env)})`,
    type: rowOf(query.columns.map(({ type, name }) => ({ type, ...(name !== undefined && { name }) }))),
    at,
  }
}

function asRows(query: NamedQuery, env: Environment): string {
  const alias = env.c.newName()
  const fields = query.columns.map((_, i) => `f${i} := ${alias}.c${i}`)
  return `SELECT struct_pack(${fields.join(', ')}) AS c0 FROM (${query.sql}) AS ${alias}`
}

export function existsQuery(node: Extract<Expression, { kind: 'exists' }>, env: Environment): Typed {
  return { sql: `EXISTS (${compileQuery(node.query, env).sql})`, type: boolean, at: node.at }
}

export function inQuery(node: Extract<Expression, { kind: 'inQuery' }>, env: Environment): Typed {
  const value = env.compile(node.value)
  const { sql, left } = comparedColumn(
    value,
    node.query,
    env,
    (a, b) =>
      `value and result of subquery must be of the same type for IN expression: ${typeName(a)} vs ${typeName(b)}`,
  )
  return compound(
    `(${comparable(left.sql, left.type)} ${node.negated ? 'NOT ' : ''}IN (${sql}))`,
    boolean,
    [value],
    node.at,
  )
}

export function quantifiedQuery(node: Extract<Expression, { kind: 'quantified' }>, env: Environment): Typed {
  const value = env.compile(node.value)
  const { sql, left } = comparedColumn(
    value,
    node.query,
    env,
    (a, b) =>
      `Value expression and result of subquery must be of the same type for quantified comparison: ${typeName(a)} vs ${typeName(b)}`,
  )
  // Only to learn whether the type can be compared so.
  compare(node.operator, left, left, node.at)
  return compound(
    `(${comparable(left.sql, left.type)} ${node.operator} ${node.quantifier} (${sql}))`,
    boolean,
    [value],
    node.at,
  )
}

/** The query's one column (or its row of columns) and the value beside it, as one type. */
function comparedColumn(
  value: Typed,
  query: Query,
  env: Environment,
  complaint: (left: SqlType, right: SqlType) => string,
): { sql: string; left: Typed } {
  const compiled = compileQuery(query, env)
  const isRow = value.type.kind === 'row' && compiled.columns.length > 1
  if (!isRow && compiled.columns.length > 1) {
    throw trinoError(
      'TYPE_MISMATCH',
      `Multiple columns returned by subquery are not yet supported. Found ${compiled.columns.length}`,
      query.at,
    )
  }
  const type = isRow
    ? rowOf(compiled.columns.map((column) => ({ type: column.type })))
    : (compiled.columns[0] as { type: SqlType }).type
  const common = commonType(value.type, type)
  if (!common) throw typeMismatch(complaint(value.type, type), value.at)
  const alias = env.c.newName()
  const inner = isRow ? asRows(compiled, env) : compiled.sql
  const column = coerce({ sql: `${alias}.c0`, type, at: value.at }, common)
  return { sql: `SELECT ${comparable(column.sql, common)} FROM (${inner}) AS ${alias}`, left: coerce(value, common) }
}
