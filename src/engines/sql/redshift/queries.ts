/** Queries: WITH, SELECT, VALUES, set operations, joins, grouping, ordering, limits; written as DuckDB's. */
import { quoteName } from '../cursor.ts'
import { notSupported } from '../sqlError.ts'
import type { Translation } from './dialect.ts'
import { expression } from './expressions.ts'
import { windowDefinition } from './functionCalls.ts'
import { relation } from './relations.ts'

export function translateQuery(t: Translation): string {
  const outer = t.withNames
  let sql = t.cursor.is('WITH') ? `${withClause(t)} ` : ''
  sql += setOperation(t, 0)
  if (t.cursor.is('ORDER')) sql += ` ${orderBy(t)}`
  sql += limits(t)
  t.withNames = outer
  return sql
}

function withClause(t: Translation): string {
  const { cursor } = t
  cursor.expect('WITH')
  const recursive = cursor.accept('RECURSIVE')
  const items = cursor.list(() => {
    const name = cursor.name().text.toLowerCase()
    // A recursive one sees itself; a plain one must not, or it would hide the table of the same name.
    if (recursive) t.withNames = [...t.withNames, name]
    const columns = cursor.is('(') ? columnAliases(t) : ''
    cursor.expect('AS')
    if (cursor.isOneOf('MATERIALIZED')) cursor.next()
    cursor.expect('(')
    const query = translateQuery(t)
    cursor.expect(')')
    t.withNames = [...t.withNames, name]
    return `${quoteName(name)}${columns} AS (${query})`
  })
  return `WITH ${recursive ? 'RECURSIVE ' : ''}${items.join(', ')}`
}

export function columnAliases(t: Translation): string {
  t.cursor.expect('(')
  const names = t.cursor.list(() => quoteName(t.cursor.name().text.toLowerCase()))
  t.cursor.expect(')')
  return `(${names.join(', ')})`
}

/** UNION and EXCEPT bind alike, INTERSECT binds tighter. */
function setOperation(t: Translation, strength: number): string {
  const { cursor } = t
  let left = strength === 0 ? setOperation(t, 1) : queryTerm(t)
  const operators = strength === 0 ? ['UNION', 'EXCEPT', 'MINUS'] : ['INTERSECT']
  while (cursor.isOneOf(...operators)) {
    const word = cursor.next().key
    const operator = word === 'MINUS' ? 'EXCEPT' : word
    const all = cursor.accept('ALL') ? ' ALL' : ''
    if (all === '') cursor.accept('DISTINCT')
    if (cursor.is('CORRESPONDING')) throw notSupported('CORRESPONDING', cursor.peek())
    left = `${left} ${operator}${all} ${strength === 0 ? setOperation(t, 1) : queryTerm(t)}`
  }
  return left
}

function queryTerm(t: Translation): string {
  const { cursor } = t
  if (cursor.accept('(')) {
    const query = translateQuery(t)
    cursor.expect(')')
    return `(${query})`
  }
  if (cursor.is('VALUES')) return values(t)
  if (cursor.accept('TABLE')) return `SELECT * FROM ${relation(t)}`
  return select(t)
}

function values(t: Translation): string {
  t.cursor.expect('VALUES')
  const rows = t.cursor.list(() => {
    const row = expression(t)
    return row.kind === 'row' && row.items ? row.items.map((item) => item.sql) : [row.sql]
  })
  const width = rows[0]?.length ?? 0
  const names = Array.from({ length: width }, (_, i) => quoteName(`column${i + 1}`))
  const list = rows.map((row) => `(${row.join(', ')})`).join(', ')
  return `SELECT * FROM (VALUES ${list}) AS "_values"(${names.join(', ')})`
}

function select(t: Translation): string {
  const { cursor } = t
  cursor.expect('SELECT')
  const top = cursor.accept('TOP') ? cursor.next().text : undefined
  let sql = 'SELECT '
  if (cursor.accept('DISTINCT')) {
    if (cursor.is('ON')) throw notSupported('DISTINCT ON', cursor.peek())
    sql += 'DISTINCT '
  } else cursor.accept('ALL')
  sql += cursor.list(() => selectItem(t)).join(', ')
  if (cursor.is('INTO')) throw notSupported('SELECT INTO', cursor.peek())
  if (cursor.accept('FROM')) sql += ` FROM ${cursor.list(() => relation(t)).join(', ')}`
  if (cursor.accept('WHERE')) sql += ` WHERE ${expression(t).sql}`
  if (cursor.accept('GROUP', 'BY')) sql += ` GROUP BY ${groupBy(t)}`
  if (cursor.accept('HAVING')) sql += ` HAVING ${expression(t).sql}`
  if (cursor.accept('WINDOW')) sql += ` WINDOW ${cursor.list(() => namedWindow(t)).join(', ')}`
  if (cursor.accept('QUALIFY')) sql += ` QUALIFY ${expression(t).sql}`
  return top === undefined ? sql : `(${sql}${cursor.is('ORDER') ? ` ${orderBy(t)}` : ''} LIMIT ${top})`
}

function namedWindow(t: Translation): string {
  const name = quoteName(t.cursor.name().text.toLowerCase())
  t.cursor.expect('AS')
  return `${name} AS ${windowDefinition(t)}`
}

function selectItem(t: Translation): string {
  const { cursor } = t
  const star = starItem(t)
  if (star) return star
  const item = expression(t)
  if (cursor.is('.', '*')) throw notSupported('Expanding a row with .*', cursor.peek())
  const alias = selectAlias(t)
  return alias === undefined ? item.sql : `${item.sql} AS ${quoteName(alias)}`
}

function starItem(t: Translation): string | undefined {
  const { cursor } = t
  if (cursor.accept('*')) return '*'
  const isName = (ahead: number) => ['word', 'quoted'].includes(cursor.peek(ahead).kind)
  let ahead = 0
  while (isName(ahead) && cursor.peek(ahead + 1).key === '.') ahead += 2
  if (ahead === 0 || cursor.peek(ahead).key !== '*') return undefined
  const path: string[] = []
  for (let i = 0; i < ahead; i += 2) {
    path.push(quoteName(cursor.name().text.toLowerCase()))
    cursor.expect('.')
  }
  cursor.expect('*')
  return `${path[path.length - 1]}.*`
}

const afterItem = new Set(
  'FROM WHERE GROUP HAVING WINDOW QUALIFY ORDER LIMIT OFFSET FETCH UNION EXCEPT MINUS INTERSECT INTO ON'.split(' '),
)

function selectAlias(t: Translation): string | undefined {
  const { cursor } = t
  if (cursor.accept('AS')) return cursor.name().text
  const token = cursor.peek()
  if (token.kind === 'quoted' || (token.kind === 'word' && !afterItem.has(token.key))) return cursor.next().text
  return undefined
}

function groupBy(t: Translation): string {
  const { cursor } = t
  if (cursor.accept('ALL')) throw notSupported('GROUP BY ALL', cursor.peek())
  cursor.accept('DISTINCT')
  return cursor.list(() => groupingElement(t)).join(', ')
}

function groupingElement(t: Translation): string {
  const { cursor } = t
  if (cursor.isOneOf('ROLLUP', 'CUBE') && cursor.peek(1).key === '(') {
    const word = cursor.next().key
    return `${word} ${groupingSet(t)}`
  }
  if (cursor.accept('GROUPING', 'SETS')) {
    cursor.expect('(')
    const sets = cursor.list(() => (cursor.is('(') ? groupingSet(t) : groupingElement(t)))
    cursor.expect(')')
    return `GROUPING SETS (${sets.join(', ')})`
  }
  if (cursor.is('(', ')')) return groupingSet(t)
  const item = expression(t)
  return item.kind === 'row' && item.items ? item.items.map((part) => part.sql).join(', ') : item.sql
}

function groupingSet(t: Translation): string {
  t.cursor.expect('(')
  const items = t.cursor.is(')') ? [] : t.cursor.list(() => expression(t).sql)
  t.cursor.expect(')')
  return `(${items.join(', ')})`
}

export function orderBy(t: Translation): string {
  const { cursor } = t
  cursor.expect('ORDER', 'BY')
  const items = cursor.list(() => {
    const key = expression(t).sql
    const descending = cursor.accept('DESC')
    if (!descending) cursor.accept('ASC')
    let nulls = descending ? 'FIRST' : 'LAST'
    if (cursor.accept('NULLS')) {
      nulls = cursor.accept('FIRST') ? 'FIRST' : 'LAST'
      if (nulls === 'LAST') cursor.expect('LAST')
    }
    return `${key} ${descending ? 'DESC' : 'ASC'} NULLS ${nulls}`
  })
  return `ORDER BY ${items.join(', ')}`
}

function limits(t: Translation): string {
  const { cursor } = t
  let offset = ''
  let limit = ''
  for (;;) {
    if (cursor.accept('OFFSET')) {
      offset = ` OFFSET ${expression(t).sql}`
      if (cursor.isOneOf('ROW', 'ROWS')) cursor.next()
    } else if (cursor.accept('LIMIT')) {
      limit = cursor.accept('ALL') ? '' : ` LIMIT ${expression(t).sql}`
    } else if (cursor.isOneOf('FETCH')) {
      cursor.next()
      if (!cursor.isOneOf('FIRST', 'NEXT')) throw cursor.mismatch('FIRST')
      cursor.next()
      limit = ` LIMIT ${cursor.isOneOf('ROW', 'ROWS') ? '1' : cursor.next().text}`
      if (!cursor.isOneOf('ROW', 'ROWS')) throw cursor.mismatch('ROWS')
      cursor.next()
      if (!cursor.accept('ONLY')) throw notSupported('FETCH ... WITH TIES', cursor.peek())
    } else return limit + offset
  }
}
