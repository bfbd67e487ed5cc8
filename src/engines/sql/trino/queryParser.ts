/** Reads queries: WITH, SELECT, VALUES, TABLE, set operations, ordering and limits. */
import type { Token } from '../tokens.ts'
import type { Expression, GroupingElement, Query, QueryBody, Select, SelectItem, SortItem, WithItem } from './ast.ts'
import { expression } from './expressionParser.ts'
import type { Parser } from './parser.ts'
import { columnNames, relation } from './relationParser.ts'
import { refused } from './trinoErrors.ts'
import { windowSpecification } from './windowParser.ts'

export function query(p: Parser): Query {
  const { cursor } = p
  const at = cursor.peek()
  let items: WithItem[] = []
  let recursive = false
  if (cursor.accept('WITH')) {
    recursive = cursor.accept('RECURSIVE')
    items = cursor.list(() => withItem(p))
  }
  const body = setOperation(p, 0)
  const orderBy = cursor.is('ORDER') ? sortItems(p) : []
  return { at, with: items, recursive, body, orderBy, ...limits(p) }
}

function withItem(p: Parser): WithItem {
  const name = p.cursor.name()
  const columns = p.cursor.is('(') ? columnNames(p) : undefined
  p.cursor.expect('AS', '(')
  const inner = query(p)
  p.cursor.expect(')')
  return { name, query: inner, ...(columns && { columns }) }
}

function limits(p: Parser): Pick<Query, 'offset' | 'limit' | 'withTies'> {
  const { cursor } = p
  const found: Pick<Query, 'offset' | 'limit' | 'withTies'> = {}
  if (cursor.accept('OFFSET')) {
    found.offset = count(p)
    if (cursor.isOneOf('ROW', 'ROWS')) cursor.next()
  }
  if (cursor.accept('LIMIT')) {
    if (!cursor.accept('ALL')) found.limit = count(p)
  } else if (cursor.accept('FETCH')) {
    if (!cursor.isOneOf('FIRST', 'NEXT')) throw cursor.mismatch("'FIRST', 'NEXT'")
    const at = cursor.next()
    found.limit = cursor.isOneOf('ROW', 'ROWS') ? { kind: 'number', at, text: '1' } : count(p)
    if (!cursor.isOneOf('ROW', 'ROWS')) throw cursor.mismatch("'ROW', 'ROWS'")
    cursor.next()
    if (cursor.accept('WITH', 'TIES')) found.withTies = true
    else cursor.expect('ONLY')
  }
  return found
}

function count(p: Parser): Expression {
  const at = p.cursor.next()
  if (at.kind === 'number') return { kind: 'number', at, text: at.text }
  if (at.key === '?') return { kind: 'parameter', at }
  throw p.cursor.mismatch('<integer>', at)
}

export function sortItems(p: Parser): SortItem[] {
  const { cursor } = p
  cursor.expect('ORDER', 'BY')
  return cursor.list(() => {
    const at = cursor.peek()
    const value = expression(p)
    const descending = cursor.accept('DESC')
    if (!descending) cursor.accept('ASC')
    if (!cursor.accept('NULLS')) return { at, value, descending }
    if (!cursor.isOneOf('FIRST', 'LAST')) throw cursor.mismatch("'FIRST', 'LAST'")
    return { at, value, descending, nullsFirst: cursor.next().key === 'FIRST' }
  })
}

/** UNION and EXCEPT bind alike, INTERSECT binds tighter. */
function setOperation(p: Parser, strength: number): QueryBody {
  const { cursor } = p
  const operand = () => (strength === 0 ? setOperation(p, 1) : term(p))
  const operators = strength === 0 ? ['UNION', 'EXCEPT'] : ['INTERSECT']
  let left = operand()
  while (cursor.isOneOf(...operators)) {
    const at = cursor.next()
    const operator = at.key as 'UNION' | 'INTERSECT' | 'EXCEPT'
    const all = cursor.accept('ALL')
    if (!all) cursor.accept('DISTINCT')
    if (cursor.is('CORRESPONDING')) throw refused('CORRESPONDING', cursor.peek())
    left = { kind: 'setOperation', at: left.at, operator, all, left, right: operand() }
  }
  return left
}

function term(p: Parser): QueryBody {
  const { cursor } = p
  const at = cursor.peek()
  if (cursor.accept('(')) {
    const inner = query(p)
    cursor.expect(')')
    return { kind: 'query', at, query: inner }
  }
  if (cursor.accept('VALUES')) return { kind: 'values', at, rows: cursor.list(() => expression(p)) }
  if (cursor.accept('TABLE')) return { kind: 'table', at, name: qualifiedName(p) }
  return { kind: 'select', at, select: select(p) }
}

export function qualifiedName(p: Parser): Token[] {
  const parts = [p.cursor.name()]
  while (p.cursor.is('.')) {
    p.cursor.next()
    parts.push(p.cursor.name())
  }
  return parts
}

function select(p: Parser): Select {
  const { cursor } = p
  const at = cursor.expect('SELECT')
  const distinct = cursor.accept('DISTINCT')
  if (!distinct) cursor.accept('ALL')
  const items = cursor.list(() => selectItem(p))
  const from = cursor.accept('FROM') ? cursor.list(() => relation(p)) : []
  const where = cursor.accept('WHERE') ? expression(p) : undefined
  const groupBy = cursor.accept('GROUP', 'BY') ? grouping(p) : undefined
  const having = cursor.accept('HAVING') ? expression(p) : undefined
  const windows = cursor.accept('WINDOW')
    ? cursor.list(() => {
        const name = cursor.name()
        cursor.expect('AS')
        return { name, window: windowSpecification(p) }
      })
    : []
  return {
    at,
    distinct,
    items,
    from,
    windows,
    ...(where && { where }),
    ...(groupBy && { groupBy }),
    ...(having && { having }),
  }
}

function selectItem(p: Parser): SelectItem {
  const { cursor } = p
  const at = cursor.peek()
  if (cursor.accept('*')) return { kind: 'star', at, prefix: [] }
  const prefix = starPrefix(p)
  if (prefix) {
    const aliases = cursor.accept('AS') ? columnNames(p) : undefined
    return { kind: 'star', at, prefix, ...(aliases && { aliases }) }
  }
  const value = expression(p)
  if (cursor.accept('.', '*')) {
    const aliases = cursor.accept('AS') ? columnNames(p) : undefined
    return { kind: 'rowStar', at, value, ...(aliases && { aliases }) }
  }
  const alias = selectAlias(p)
  return { kind: 'expression', at, value, ...(alias && { alias }) }
}

function starPrefix(p: Parser): Token[] | undefined {
  const { cursor } = p
  const isName = (ahead: number) => ['word', 'quoted'].includes(cursor.peek(ahead).kind)
  let ahead = 0
  while (isName(ahead) && cursor.peek(ahead + 1).key === '.') ahead += 2
  if (ahead === 0 || cursor.peek(ahead).key !== '*') return undefined
  const prefix: Token[] = []
  for (let i = 0; i < ahead; i += 2) {
    prefix.push(cursor.name())
    cursor.expect('.')
  }
  cursor.expect('*')
  return prefix
}

const afterItem = new Set(
  'FROM WHERE GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH UNION EXCEPT INTERSECT ON'.split(' '),
)

function selectAlias(p: Parser): Token | undefined {
  const { cursor } = p
  if (cursor.accept('AS')) return cursor.name()
  const next = cursor.peek()
  if (next.kind === 'quoted' || (next.kind === 'word' && !afterItem.has(next.key))) return cursor.next()
  return undefined
}

function grouping(p: Parser): NonNullable<Select['groupBy']> {
  const distinct = p.cursor.accept('DISTINCT')
  if (!distinct) p.cursor.accept('ALL')
  return { distinct, elements: p.cursor.list(() => groupingElement(p)) }
}

function groupingElement(p: Parser): GroupingElement {
  const { cursor } = p
  const at = cursor.peek()
  if (cursor.accept('GROUPING', 'SETS', '(')) {
    const sets = cursor.list(() => groupingSet(p))
    cursor.expect(')')
    return { kind: 'sets', at, sets }
  }
  const word = cursor.is('ROLLUP', '(') ? 'rollup' : cursor.is('CUBE', '(') ? 'cube' : undefined
  if (word) {
    cursor.next()
    cursor.expect('(')
    const sets = cursor.is(')') ? [] : cursor.list(() => groupingSet(p))
    cursor.expect(')')
    return { kind: word, at, sets }
  }
  return { kind: 'simple', at, items: groupingSet(p) }
}

/** `(a, b)`, `()` or `a`. */
function groupingSet(p: Parser): Expression[] {
  if (p.cursor.accept('(', ')')) return []
  const item = expression(p)
  return item.kind === 'row' && p.cursor.peek().key !== '.' && item.at.key === '(' ? item.items : [item]
}
