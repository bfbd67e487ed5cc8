/** What stands in FROM: tables, subqueries, joins, UNNEST, samples. */
import { quoteName } from '../cursor.ts'
import { notSupported, SqlError } from '../sqlError.ts'
import type { Fragment, TableName, Translation } from './dialect.ts'
import { expression, startsQuery, subquery } from './expressions.ts'
import { columnAliases } from './queries.ts'

export function relation(t: Translation): string {
  const { cursor } = t
  let left = sampled(t)
  for (;;) {
    if (cursor.accept('CROSS', 'JOIN')) left = `${left} CROSS JOIN ${sampled(t)}`
    else if (cursor.is('NATURAL')) throw notSupported('NATURAL JOIN', cursor.peek())
    else {
      const kind = joinKind(t)
      if (!kind) return left
      left = `${left} ${kind} ${sampled(t)} ${joinCondition(t)}`
    }
  }
}

function joinKind(t: Translation): string | undefined {
  const { cursor } = t
  if (cursor.accept('JOIN') || cursor.accept('INNER', 'JOIN')) return 'JOIN'
  for (const side of ['LEFT', 'RIGHT', 'FULL']) {
    if (cursor.accept(side, 'JOIN') || cursor.accept(side, 'OUTER', 'JOIN')) return `${side} JOIN`
  }
  return undefined
}

function joinCondition(t: Translation): string {
  if (t.cursor.accept('USING')) return `USING ${columnAliases(t)}`
  t.cursor.expect('ON')
  return `ON ${expression(t).sql}`
}

function sampled(t: Translation): string {
  const item = relationItem(t)
  if (!t.cursor.accept('TABLESAMPLE')) return item
  const method = t.cursor.next()
  if (method.key !== 'BERNOULLI' && method.key !== 'SYSTEM') throw t.cursor.mismatch('BERNOULLI or SYSTEM', method)
  t.cursor.expect('(')
  const percent = t.cursor.next()
  t.cursor.expect(')')
  return `(SELECT * FROM ${item} TABLESAMPLE ${percent.text} PERCENT (${method.key}))`
}

function relationItem(t: Translation): string {
  const { cursor } = t
  const at = cursor.peek()
  if (cursor.is('UNNEST', '(')) return unnest(t)
  if (cursor.accept('LATERAL')) return `LATERAL ${subquery(t)}${alias(t)}`
  if (cursor.is('(')) {
    if (startsQuery(t, 1)) {
      const query = subquery(t)
      const named = alias(t)
      return `${query}${named || ` AS "_q${t.anonymous++}"`}`
    }
    cursor.expect('(')
    const inner = relation(t)
    cursor.expect(')')
    return `(${inner})${alias(t)}`
  }
  if (cursor.is('MATCH_RECOGNIZE') || cursor.is('JSON_TABLE', '(') || cursor.is('TABLE', '('))
    throw notSupported(at.text.toUpperCase(), at)
  return table(t)
}

function table(t: Translation): string {
  const { cursor } = t
  const at = cursor.name()
  const path = [at.text.toLowerCase()]
  while (cursor.accept('.')) path.push(cursor.name().text.toLowerCase())
  if (cursor.is('(')) throw notSupported(`Table function ${path.join('.')}`, at)
  if (path.length > 3) throw new SqlError(`line ${at.line}:${at.column}: Too many dots in table name`, at)
  const name = path[path.length - 1] as string
  if (cursor.is('FOR') && ['TIMESTAMP', 'VERSION', 'SYSTEM_TIME', 'SYSTEM_VERSION'].includes(cursor.peek(1).key))
    throw notSupported('Time travel (FOR ... AS OF)', cursor.peek())
  if (path.length === 1 && t.withNames.includes(name)) return `${quoteName(name)}${alias(t)}`
  const reference: TableName = { table: name, at }
  if (path.length > 1) reference.schema = path[path.length - 2] as string
  if (path.length > 2) reference.catalog = path[0] as string
  t.tables.push(reference)
  return `${t.tableSql(reference)}${alias(t) || ` AS ${quoteName(name)}`}`
}

const notAliases = new Set(
  `ON USING WHERE GROUP HAVING WINDOW QUALIFY ORDER LIMIT OFFSET FETCH UNION EXCEPT MINUS INTERSECT JOIN INNER LEFT RIGHT
   FULL CROSS NATURAL TABLESAMPLE FOR SET WHEN USING RETURNING MATCH_RECOGNIZE VALUES SELECT`.split(/\s+/),
)

export function alias(t: Translation): string {
  const { cursor } = t
  const token = cursor.peek()
  const explicit = cursor.accept('AS')
  if (!explicit && token.kind !== 'quoted' && (token.kind !== 'word' || notAliases.has(token.key))) return ''
  const name = quoteName(cursor.name().text.toLowerCase())
  return ` AS ${name}${cursor.is('(') ? columnAliases(t) : ''}`
}

/**
 * UNNEST of several arrays pads the shorter with NULL, of a map gives two columns, of an array of rows one per field.
 * DuckDB's takes one list, so it becomes a lateral SELECT; how many columns the user names tells rows from plain values.
 */
function unnest(t: Translation): string {
  const { cursor } = t
  cursor.expect('UNNEST', '(')
  const args = cursor.list(() => expression(t))
  cursor.expect(')')
  const ordinality = cursor.accept('WITH', 'ORDINALITY')
  const named = alias(t)
  const match = /^ AS ("(?:[^"]|"")*")(?:\((.*)\))?$/.exec(named)
  const name = match?.[1] ?? `"_u${t.anonymous++}"`
  const columns = match?.[2] ? (match[2].match(/"(?:[^"]|"")*"/g) ?? []) : undefined
  const valueColumns = columns ? columns.length - (ordinality ? 1 : 0) : undefined
  const lists = args.map((arg) => entries(arg))
  const expand = valueColumns !== undefined && valueColumns > args.length ? ', max_depth := 2' : ''
  if (expand === '' && lists.some((list) => list.map))
    throw notSupported('UNNEST of a map without its column names', args[0]?.at)
  const longest =
    lists.length === 1
      ? `len(${lists[0]?.sql})`
      : `greatest(${lists.map((list) => `coalesce(len(${list.sql}), 0)`).join(', ')})`
  const parts = lists.map((list) => `unnest(${padded(list.sql, longest, lists.length)}${expand})`)
  if (ordinality) parts.push(`unnest(range(1, coalesce(${longest}, 0) + 1))`)
  const body = `(SELECT ${parts.join(', ')})`
  return `LATERAL ${body} AS ${name}${columns ? `(${columns.join(', ')})` : ''}`
}

function padded(list: string, longest: string, count: number): string {
  return count === 1 ? list : `list_resize(coalesce(${list}, []), ${longest})`
}

function entries(arg: Fragment): { sql: string; map: boolean } {
  const map = /^(map\(|map_)/.test(arg.sql)
  return { sql: map ? `map_entries(${arg.sql})` : arg.sql, map }
}
