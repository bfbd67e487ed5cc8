/** What stands in FROM: tables, sub-queries, UNNEST, LATERAL and joins, each with the columns it gives. */
import { quoteName } from '../cursor.ts'
import type { Token } from '../tokens.ts'
import type { Relation } from './ast.ts'
import { coerce, commonType } from './coercion.ts'
import type { Environment, NamedQuery, TableSource } from './compilation.ts'
import { clause, environment } from './expressions.ts'
import { alignedFor, compare } from './operators.ts'
import { columnAliasMismatch, compileQuery } from './queries.ts'
import { type Field, numberedFields, Scope } from './scope.ts'
import { scalarOnly } from './select.ts'
import { isNumeric, type SqlType, typeName } from './sqlTypes.ts'
import { refused, trinoError, typeMismatch } from './trinoErrors.ts'
import { unnestSql } from './unnest.ts'

export interface CompiledRelation {
  sql: string
  fields: Field[]
}

/** `before` has the columns of the relations to the left, which UNNEST and LATERAL may use. */
export function relationSql(relation: Relation, env: Environment, before: Scope): CompiledRelation {
  switch (relation.kind) {
    case 'table':
      return tableSql(relation, env)
    case 'query': {
      const inner = environment({ ...env, scope: relation.lateral ? before : env.scope })
      const compiled = compileQuery(relation.query, inner)
      return named(compiled, relation, env, relation.lateral ? 'LATERAL ' : '')
    }
    case 'unnest':
      return unnestSql(relation, environment({ ...env, scope: before }))
    case 'nested':
      return relationInJoin(relation.relation, env, before)
    case 'join':
      return joinSql(relation, env, before)
  }
}

/** A join within another stands in parentheses; DuckDB takes them around nothing else. */
function relationInJoin(relation: Relation, env: Environment, before: Scope): CompiledRelation {
  const compiled = relationSql(relation, env, before)
  return relation.kind === 'join' ? { ...compiled, sql: `(${compiled.sql})` } : compiled
}

type TableRelation = Extract<Relation, { kind: 'table' }>

function tableSql(relation: TableRelation, env: Environment): CompiledRelation {
  const parts = relation.name.map((part) => part.text.toLowerCase())
  const table = parts[parts.length - 1] as string
  const query = parts.length === 1 ? env.queries.get(table) : undefined
  if (query) return named(query, relation, env, '', [table])
  if (parts.length > 3) throw trinoError('SYNTAX_ERROR', `Too many dots in table name: ${parts.join('.')}`, relation.at)
  const database = parts[parts.length - 2] ?? env.c.database
  const catalog = parts.length === 3 ? (parts[0] as string) : undefined
  const { at, version } = relation
  const source = env.c.table({
    ...{ database, table, at },
    ...(catalog !== undefined && { catalog }),
    ...(version && { version }),
  })
  const qualifier = [catalog ?? 'awsdatacatalog', database, table]
  if (source.kind === 'view') return named(viewQuery(source, env), relation, env, '', qualifier)
  return sourceSql(source, relation, env, qualifier)
}

/** A view sees its own database and nothing of the query around it. */
function viewQuery(view: Extract<TableSource, { kind: 'view' }>, env: Environment): NamedQuery {
  const c = { ...env.c, database: view.database, parameters: [], parameterStarts: [] }
  return compileQuery(
    view.query,
    environment({ c, scope: new Scope([]), queries: new Map(), lambdas: new Map(), windows: new Map() }),
  )
}

function sourceSql(
  source: Extract<TableSource, { kind: 'relation' }>,
  relation: TableRelation,
  env: Environment,
  qualifier: string[],
): CompiledRelation {
  const alias = env.c.newName()
  const names = relation.columns?.map((column) => column.text.toLowerCase())
  if (names && names.length !== source.columns.length)
    throw columnAliasMismatch(relation.columns as Token[], source.columns.length, relation.at)
  const shown = relation.alias ? [relation.alias.text.toLowerCase()] : qualifier
  const field = (name: string, column: { name: string; type: SqlType }): Field => ({
    name,
    qualifier: shown,
    sql: `${alias}.${quoteName(column.name)}`,
    type: column.type,
  })
  const fields = source.columns.map((column, i) => field(names?.[i] ?? column.name, column))
  const hidden = (source.hidden ?? []).map((column) => ({
    ...field(column.name, column),
    hidden: true,
    used: () => source.useHidden?.(column.name),
  }))
  return { sql: `${source.sql} AS ${alias}${sampleSql(relation, env)}`, fields: [...fields, ...hidden] }
}

/** A query as a relation, under an alias of ours. */
function named(
  query: NamedQuery,
  relation: Pick<TableRelation, 'at' | 'alias' | 'columns' | 'sample'>,
  env: Environment,
  word: string,
  qualifier: string[] = [],
): CompiledRelation {
  const alias = env.c.newName()
  const names = relation.columns?.map((column) => column.text.toLowerCase())
  if (names && names.length !== query.columns.length)
    throw columnAliasMismatch(relation.columns as Token[], query.columns.length, relation.at)
  const columns = query.columns.map((column, i) => (names ? { type: column.type, name: names[i] as string } : column))
  const shown = relation.alias ? [relation.alias.text.toLowerCase()] : qualifier
  return {
    sql: `${word}(${query.sql}) AS ${alias}${sampleSql(relation, env)}`,
    fields: numberedFields(alias, columns, shown),
  }
}

function sampleSql({ sample }: Pick<TableRelation, 'sample'>, env: Environment): string {
  if (!sample) return ''
  if (!['BERNOULLI', 'SYSTEM'].includes(sample.method))
    throw refused(`TABLESAMPLE ${sample.method}`, sample.percentage.at)
  const value = env.compile(sample.percentage)
  if (!isNumeric(value.type)) throw typeMismatch('Sample percentage should be a numeric expression', value.at)
  const percentage = Number(value.constant)
  if (Number.isNaN(percentage))
    throw trinoError('EXPRESSION_NOT_CONSTANT', 'Sample percentage cannot contain column references', value.at)
  if (percentage < 0 || percentage > 100)
    throw trinoError(
      'NUMERIC_VALUE_OUT_OF_RANGE',
      `Sample percentage must be ${percentage < 0 ? 'greater than or equal to 0' : 'less than or equal to 100'}`,
      value.at,
    )
  // DuckDB's SYSTEM sample takes whole vectors of rows, too coarse for small tables; Trino's takes whole splits.
  return ` TABLESAMPLE BERNOULLI(${percentage}%)`
}

type Join = Extract<Relation, { kind: 'join' }>

function joinSql(join: Join, env: Environment, before: Scope): CompiledRelation {
  const left = relationSql(join.left, env, before)
  const withLeft = new Scope([...before.fields, ...left.fields], before.parent)
  const right = relationInJoin(join.right, env, withLeft)
  if (join.type === 'CROSS')
    return { sql: `${left.sql} CROSS JOIN ${right.sql}`, fields: [...left.fields, ...right.fields] }
  const word = join.type === 'INNER' ? 'INNER JOIN' : `${join.type} JOIN`
  if (join.natural) return usingJoin(join, commonNames(left, right), { left, right, word })
  if (join.using)
    return usingJoin(
      join,
      join.using.map((token) => ({ name: token.text.toLowerCase(), at: token })),
      { left, right, word },
    )
  const scope = new Scope([...left.fields, ...right.fields], env.scope)
  const on = environment({ ...env, scope }).compile(join.on as NonNullable<Join['on']>)
  const test = scalarOnly(clause(on, 'JOIN ON clause'), 'JOIN clause')
  return { sql: `${left.sql} ${word} ${right.sql} ON ${test.sql}`, fields: [...left.fields, ...right.fields] }
}

function commonNames(left: CompiledRelation, right: CompiledRelation): { name: string; at?: Token }[] {
  const names = left.fields.filter((field) => !field.hidden).map((field) => field.name)
  return names
    .filter(
      (name): name is string =>
        name !== undefined && right.fields.some((field) => field.name === name && !field.hidden),
    )
    .map((name) => ({ name }))
}

/** The columns joined on come once, first, and belong to neither side. */
function usingJoin(
  join: Join,
  names: readonly { name: string; at?: Token }[],
  sides: { left: CompiledRelation; right: CompiledRelation; word: string },
): CompiledRelation {
  const { left, right, word } = sides
  const shared: Field[] = []
  const tests: string[] = []
  for (const { name, at = join.at } of names) {
    const [a, b] = [onlyField(left, name, 'left', at), onlyField(right, name, 'right', at)]
    const type = commonType(a.type, b.type)
    if (!type)
      throw typeMismatch(
        `Column '${name}' has different types on each side of the join: ${typeName(a.type)} vs ${typeName(b.type)}`,
        at,
      )
    const [x, y] = alignedFor('=', { ...a, at }, { ...b, at }, at)
    tests.push(compare('=', x, y, at).sql)
    const sql = join.type === 'FULL' ? `coalesce(${x.sql}, ${y.sql})` : join.type === 'RIGHT' ? y.sql : x.sql
    shared.push({ name, qualifier: [], sql: coerce({ ...x, sql }, type).sql, type })
  }
  const rest = [...left.fields, ...right.fields].filter(
    (field) => field.hidden || !shared.some(({ name }) => name === field.name),
  )
  // A qualified name still finds its side's own column.
  const qualified = [...left.fields, ...right.fields]
    .filter((field) => !field.hidden && shared.some(({ name }) => name === field.name) && field.qualifier.length > 0)
    .map((field) => ({ ...field, hidden: true, qualifiedOnly: true }))
  const on = tests.length > 0 ? tests.join(' AND ') : 'true'
  return { sql: `${left.sql} ${word} ${right.sql} ON ${on}`, fields: [...shared, ...rest, ...qualified] }
}

function onlyField(side: CompiledRelation, name: string, which: string, at: Token): Field {
  const found = side.fields.filter((field) => field.name === name && !field.qualifiedOnly)
  const [field] = found
  if (!field) throw trinoError('COLUMN_NOT_FOUND', `Column '${name}' is missing from ${which} side of join`, at)
  if (found.length > 1) throw trinoError('AMBIGUOUS_NAME', `Column '${name}' is ambiguous`, at)
  return field
}
