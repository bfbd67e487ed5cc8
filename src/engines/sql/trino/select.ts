/** SELECT: what it reads, keeps, groups and gives; errors in Trino's words where a column or an aggregate is out of place. */
import type { Token } from '../tokens.ts'
import type { Query, Select, SelectItem, SortItem } from './ast.ts'
import { coerce } from './coercion.ts'
import type { Environment, NamedQuery } from './compilation.ts'
import { clause, environment } from './expressions.ts'
import { groupBySql } from './grouping.ts'
import { notGrouped, orderBySql } from './ordering.ts'
import { relationSql } from './relations.ts'
import { type Field, Scope } from './scope.ts'
import { isComparable, type SqlType, typeName } from './sqlTypes.ts'
import { refused, trinoError, typeMismatch } from './trinoErrors.ts'
import type { Typed } from './typed.ts'

interface Ending {
  env: Environment
  orderBy: readonly SortItem[]
  limits: string
  /** The query whose FETCH FIRST … WITH TIES this is. */
  ties?: Query
}

interface Output {
  typed: Typed
  name?: string
}

export function compileSelect(select: Select, { env: outer, orderBy, limits, ties }: Ending): NamedQuery {
  const from = fromClause(select, outer)
  const scope = new Scope(from.fields, outer.scope)
  const windows = new Map(select.windows.map(({ name, window }) => [name.text.toLowerCase(), window]))
  const env = environment({ ...outer, scope, windows })
  const where = select.where && scalarOnly(clause(env.compile(select.where), 'WHERE clause'), 'WHERE clause')
  const grouping = groupBySql(select, env)
  scope.grouping = grouping.columns
  const outputs = select.items.flatMap((item) => outputsOf(item, env))
  const having = select.having && noWindows(clause(env.compile(select.having), 'HAVING clause'))
  const shape = { env, outputs, orderBy, isGrouped: select.groupBy !== undefined, ...(having && { having }) }
  const isAggregated =
    shape.isGrouped || having !== undefined || outputs.some(({ typed }) => typed.aggregate) || ordersByAggregate(shape)
  if (isAggregated) checkGrouped([...outputs.map(({ typed }) => typed), ...(having ? [having] : [])])
  else scope.grouping = undefined
  if (select.distinct) checkDistinct(outputs)
  const list = outputs.map(
    ({ typed }, i) =>
      `${typed.type.kind === 'unknown' && typed.sql === 'NULL' ? 'CAST(NULL AS INTEGER)' : typed.sql} AS c${i}`,
  )
  const order = orderBySql(orderBy, {
    env: orderEnvironment(env, outputs),
    columns: outputs.length,
    outputs: outputs.map(({ typed }) => typed),
    distinct: select.distinct,
  })
  const sql =
    `SELECT ${select.distinct ? 'DISTINCT ' : ''}${list.join(', ')}${from.sql}${where ? ` WHERE ${where.sql}` : ''}` +
    `${grouping.sql}${having ? ` HAVING ${having.sql}` : ''}`
  const columns = outputs.map(({ typed, name }) => ({ type: typed.type, ...(name !== undefined && { name }) }))
  if (ties) return withTies(ties, { sql, columns }, order, { env, limits })
  return { sql: `${sql}${order}${limits}`, columns }
}

function fromClause(select: Select, env: Environment): { sql: string; fields: Field[] } {
  let fields: Field[] = []
  const parts: string[] = []
  for (const relation of select.from) {
    // What UNNEST and LATERAL name may come from the relations before them.
    const before = new Scope(fields, env.scope)
    const compiled = relationSql(relation, env, before)
    parts.push(compiled.sql)
    fields = [...fields, ...compiled.fields]
  }
  return { sql: parts.length > 0 ? ` FROM ${parts.join(' CROSS JOIN ')}` : '', fields }
}

function outputsOf(item: SelectItem, env: Environment): Output[] {
  if (item.kind === 'star') return starOutputs(item, env)
  if (item.kind === 'rowStar') return rowOutputs(item, env)
  const typed = env.compile(item.value)
  const name = item.alias?.text ?? typed.name
  return [{ typed, ...(name !== undefined && { name }) }]
}

function starOutputs(item: Extract<SelectItem, { kind: 'star' }>, env: Environment): Output[] {
  const prefix = item.prefix.map((part) => part.text.toLowerCase())
  const fields = env.scope.starred(prefix)
  if (fields.length === 0) {
    const row = prefix.length > 0 && env.scope.find(prefix, item.at)
    if (row && row.type.kind === 'row') return rowFields(row, item.aliases)
    if (prefix.length > 0)
      throw trinoError('TABLE_NOT_FOUND', `Unable to resolve reference ${prefix.join('.')}`, item.at)
    throw trinoError('COLUMN_NOT_FOUND', 'SELECT * not allowed from relation that has no columns', item.at)
  }
  const { grouping } = env.scope
  const outputs = fields.map((field) => {
    const loose =
      grouping && !grouping.has(field.sql)
        ? { loose: { at: item.at, text: [...field.qualifier.slice(-1), field.name ?? ''].join('.') } }
        : {}
    return {
      typed: { sql: field.sql, type: field.type, at: item.at, ...loose },
      ...(field.name !== undefined && { name: field.label ?? field.name }),
    }
  })
  return aliased(outputs, item.aliases, item.at)
}

function rowOutputs(item: Extract<SelectItem, { kind: 'rowStar' }>, env: Environment): Output[] {
  const row = env.compile(item.value)
  if (row.type.kind !== 'row')
    throw typeMismatch(`expected expression of type Row, but actual type is ${typeName(row.type)}`, item.at)
  return rowFields(row, item.aliases)
}

function rowFields(row: Typed, aliases: readonly Token[] | undefined): Output[] {
  const { fields } = row.type as Extract<SqlType, { kind: 'row' }>
  const outputs = fields.map((field, i) => ({
    typed: { ...row, sql: `(${row.sql}).f${i}`, type: field.type },
    ...(field.name !== undefined && { name: field.name }),
  }))
  return aliased(outputs, aliases, row.at)
}

function aliased(outputs: Output[], aliases: readonly Token[] | undefined, at: Token): Output[] {
  if (!aliases) return outputs
  if (aliases.length !== outputs.length)
    throw trinoError(
      'MISMATCHED_COLUMN_ALIASES',
      `Column alias list has ${aliases.length} entries but relation has ${outputs.length} columns`,
      at,
    )
  return outputs.map((output, i) => ({ ...output, name: (aliases[i] as Token).text }))
}

/** Errors: EXPRESSION_NOT_SCALAR. */
export function scalarOnly(value: Typed, clause: string): Typed {
  const at = value.aggregate ?? value.window
  if (at)
    throw trinoError(
      'EXPRESSION_NOT_SCALAR',
      `${clause} cannot contain aggregations, window functions or grouping operations: [${at.text}]`,
      value.at,
    )
  return value
}

function noWindows(value: Typed): Typed {
  if (value.window)
    throw trinoError(
      'NESTED_WINDOW',
      `HAVING clause cannot contain window functions or row pattern measures: [${value.window.text}]`,
      value.at,
    )
  return value
}

function checkGrouped(values: readonly Typed[]): void {
  const loose = values.find((value) => value.loose)
  if (loose) throw notGrouped(loose)
}

function checkDistinct(outputs: readonly Output[]): void {
  const wrong = outputs.find(({ typed }) => !isComparable(typed.type))
  if (wrong)
    throw typeMismatch(
      `DISTINCT can only be applied to comparable types (actual: ${typeName(wrong.typed.type)})`,
      wrong.typed.at,
    )
}

/** ORDER BY sees the output's names first, then the columns of FROM. */
function orderEnvironment(env: Environment, outputs: readonly Output[]): Environment {
  const fields: Field[] = []
  for (const { typed, name } of outputs) {
    const known = name?.toLowerCase()
    if (known === undefined || fields.some((field) => field.name === known && field.sql === typed.sql)) continue
    fields.push({ name: known, qualifier: [], sql: typed.sql, type: typed.type })
  }
  const scope = new Scope(fields, env.scope)
  scope.grouping = env.scope.grouping && new Set([...env.scope.grouping, ...fields.map((field) => field.sql)])
  return environment({ ...env, scope })
}

function ordersByAggregate({
  env,
  outputs,
  orderBy,
}: {
  env: Environment
  outputs: readonly Output[]
  orderBy: readonly SortItem[]
}): boolean {
  return orderBy.some(
    (item) => item.value.kind !== 'number' && orderEnvironment(env, outputs).compile(item.value).aggregate,
  )
}

/** The first n rows, and those that are equal to the last of them. */
function withTies(
  query: Query,
  inner: NamedQuery,
  order: string,
  { env, limits }: { env: Environment; limits: string },
): NamedQuery {
  if (order === '') throw trinoError('MISSING_ORDER_BY', 'FETCH FIRST WITH TIES clause requires ORDER BY', query.at)
  if (limits !== '' || !query.limit) throw refused('FETCH FIRST … WITH TIES with OFFSET', query.at)
  const [rows, ranked] = [env.c.newName(), env.c.newName()]
  const columns = inner.columns.map((_, i) => `c${i}`)
  const byPlace = order.replace(/(^ ORDER BY |, )(\d+) /g, (_, before, n) => `${before}${rows}.c${Number(n) - 1} `)
  if (byPlace === order) throw refused('FETCH FIRST … WITH TIES ordered by what is not selected', query.at)
  const limit = coerce(env.compile(query.limit), { kind: 'bigint' }).sql
  return {
    ...inner,
    sql:
      `SELECT ${columns.join(', ')} FROM (SELECT *, rank() OVER (${byPlace.trim()}) AS tie FROM (${inner.sql}) AS ${rows}) AS ${ranked}` +
      ` WHERE tie <= ${limit} ORDER BY tie`,
  }
}
