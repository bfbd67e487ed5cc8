/**
 * Queries: WITH, set operations, VALUES, ordering and limits; select.ts has SELECT itself. Every query compiles to
 * text whose columns are called c0, c1, …; what users call them is kept beside it.
 */
import type { Token } from '../tokens.ts'
import type { Expression, Query, QueryBody, WithItem } from './ast.ts'
import { coerce, commonType } from './coercion.ts'
import type { Environment, NamedQuery } from './compilation.ts'
import { environment } from './expressions.ts'
import { orderBySql } from './ordering.ts'
import { recursiveQuery } from './recursion.ts'
import { relationSql } from './relations.ts'
import { numberedFields, Scope } from './scope.ts'
import { compileSelect } from './select.ts'
import { isInteger, type SqlType, typeName, unknown } from './sqlTypes.ts'
import { refused, trinoError, typeMismatch } from './trinoErrors.ts'

export function compileQuery(query: Query, outer: Environment): NamedQuery {
  const { env, definitions } = withQueries(query, outer)
  const limits = limitSql(query, env)
  const compiled =
    query.body.kind === 'select'
      ? compileSelect(query.body.select, {
          env,
          orderBy: query.orderBy,
          limits,
          ...(query.withTies && { ties: query }),
        })
      : ordered(query, compileBody(query.body, env), env, limits)
  if (definitions.length === 0) return compiled
  return { ...compiled, sql: `WITH ${definitions.join(', ')} ${compiled.sql}` }
}

function withQueries(query: Query, outer: Environment): { env: Environment; definitions: string[] } {
  let env = outer
  const definitions: string[] = []
  const seen = new Set<string>()
  for (const item of query.with) {
    const name = item.name.text.toLowerCase()
    if (seen.has(name))
      throw trinoError('DUPLICATE_NAMED_QUERY', `WITH query name '${name}' specified more than once`, item.name)
    seen.add(name)
    const recursive = query.recursive ? recursiveQuery(item, env) : undefined
    const compiled = renamed(item, recursive?.query ?? compileQuery(item.query, env))
    const alias = env.c.newName()
    definitions.push(...(recursive?.definitions ?? []), `${alias} AS (${compiled.sql})`)
    const list = compiled.columns.map((_, i) => `c${i}`).join(', ')
    const named = { sql: `SELECT ${list} FROM ${alias}`, columns: compiled.columns }
    env = environment({ ...env, queries: new Map([...env.queries, [name, named]]) })
  }
  return { env, definitions }
}

export function renamed(item: WithItem, compiled: NamedQuery): NamedQuery {
  if (!item.columns) return compiled
  if (item.columns.length !== compiled.columns.length)
    throw columnAliasMismatch(item.columns, compiled.columns.length, item.name)
  const names = item.columns.map((column) => column.text.toLowerCase())
  return { ...compiled, columns: compiled.columns.map(({ type }, i) => ({ name: names[i] as string, type })) }
}

export function columnAliasMismatch(aliases: readonly Token[], columns: number, at: Token) {
  return trinoError(
    'MISMATCHED_COLUMN_ALIASES',
    `Column alias list has ${aliases.length} entries but relation has ${columns} columns`,
    at,
  )
}

export function compileBody(body: QueryBody, env: Environment): NamedQuery {
  switch (body.kind) {
    case 'select':
      return compileSelect(body.select, { env, orderBy: [], limits: '' })
    case 'query':
      return parenthesised(compileQuery(body.query, env))
    case 'values':
      return compileValues(body.rows, env)
    case 'table': {
      const { sql, fields } = relationSql({ kind: 'table', at: body.at, name: body.name }, env, env.scope)
      const shown = fields.filter((field) => !field.hidden)
      const list = shown.map((field, i) => `${field.sql} AS c${i}`).join(', ')
      return {
        sql: `SELECT ${list} FROM ${sql}`,
        columns: shown.map(({ name, type }) => ({ type, ...(name !== undefined && { name }) })),
      }
    }
    case 'setOperation':
      return setOperation(body, env)
  }
}

function parenthesised(query: NamedQuery): NamedQuery {
  return { ...query, sql: `(${query.sql})` }
}

function compileValues(rows: readonly Expression[], env: Environment): NamedQuery {
  const compiled = rows.map((row) => (row.kind === 'row' ? row.items.map(env.compile) : expandedRow(row, env)))
  const width = compiled[0]?.length ?? 0
  const types: SqlType[] = Array.from({ length: width }, () => unknown)
  for (const [i, row] of compiled.entries()) {
    if (row.length !== width)
      throw typeMismatch(`Values rows have mismatched sizes: ${width} vs ${row.length}`, (rows[i] as Expression).at)
    for (const [column, value] of row.entries()) {
      const common = commonType(types[column] as SqlType, value.type)
      if (!common)
        throw typeMismatch(
          `Values rows have mismatched types: ${typeName(types[column] as SqlType)} vs ${typeName(value.type)}`,
          value.at,
        )
      types[column] = common
    }
  }
  const list = compiled.map((row) => `(${row.map((value, i) => coerce(value, types[i] as SqlType).sql).join(', ')})`)
  const names = types.map((_, i) => `c${i}`).join(', ')
  const alias = env.c.newName()
  return {
    sql: `SELECT ${names} FROM (VALUES ${list.join(', ')}) AS ${alias}(${names})`,
    columns: types.map((type) => ({ type })),
  }
}

/** `VALUES x` is a row of one column; a value of type row is a row of its fields. */
function expandedRow(node: Expression, env: Environment) {
  const value = env.compile(node)
  if (value.type.kind !== 'row') return [value]
  return value.type.fields.map((field, i) => ({ ...value, sql: `(${value.sql}).f${i}`, type: field.type }))
}

function setOperation(body: Extract<QueryBody, { kind: 'setOperation' }>, env: Environment): NamedQuery {
  const [left, right] = [compileBody(body.left, env), compileBody(body.right, env)]
  if (left.columns.length !== right.columns.length) {
    throw typeMismatch(
      `${body.operator} query has different number of fields: ${left.columns.length}, ${right.columns.length}`,
      body.right.at,
    )
  }
  const columns = left.columns.map((column, i) => {
    const other = (right.columns[i] as { type: SqlType }).type
    const type = commonType(column.type, other)
    if (!type)
      throw typeMismatch(
        `column ${i + 1} in ${body.operator} query has incompatible types: ${typeName(column.type)}, ${typeName(other)}`,
        body.right.at,
      )
    return { ...column, type }
  })
  const types = columns.map(({ type }) => type)
  const operator = `${body.operator}${body.all ? ' ALL' : ''}`
  return { sql: `${side(left, types, env)} ${operator} ${side(right, types, env)}`, columns }
}

/** One side of a set operation, with the types that both share. */
function side(query: NamedQuery, types: readonly SqlType[], env: Environment): string {
  return `(${convertedQuery(query, types, env)})`
}

export function convertedQuery(query: NamedQuery, types: readonly SqlType[], env: Environment): string {
  if (query.columns.every((column, i) => typeName(column.type) === typeName(types[i] as SqlType))) return query.sql
  const alias = env.c.newName()
  const list = query.columns.map((column, i) => {
    const value = coerce({ sql: `${alias}.c${i}`, type: column.type, at: undefined as never }, types[i] as SqlType)
    return `${value.sql} AS c${i}`
  })
  return `SELECT ${list.join(', ')} FROM (${query.sql}) AS ${alias}`
}

function ordered(query: Query, compiled: NamedQuery, env: Environment, limits: string): NamedQuery {
  if (query.withTies) throw refused('FETCH FIRST … WITH TIES after a set operation', query.at)
  if (query.orderBy.length === 0 && limits === '') return compiled
  const alias = env.c.newName()
  const scope = new Scope(numberedFields(alias, compiled.columns, []), env.scope.parent)
  const items = orderBySql(query.orderBy, { env: environment({ ...env, scope }), columns: compiled.columns.length })
  const list = compiled.columns.map((_, i) => `${alias}.c${i}`).join(', ')
  return { ...compiled, sql: `SELECT ${list} FROM (${compiled.sql}) AS ${alias}${items}${limits}` }
}

function limitSql(query: Query, env: Environment): string {
  const clause = (word: string, node: Expression | undefined) => {
    if (!node) return ''
    const value = env.compile(node)
    if (!isInteger(value.type)) throw typeMismatch(`Non constant parameter value for ${word}`, node.at)
    return ` ${word} ${value.sql}`
  }
  return `${query.withTies ? '' : clause('LIMIT', query.limit)}${clause('OFFSET', query.offset)}`
}
