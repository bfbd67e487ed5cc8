/** The tables that a query names, before anything is known of them: WITH's own names do not count where they are in reach. */
import type { Token } from '../tokens.ts'
import type { Expression, Query, QueryBody, Select, SelectItem, TableVersion, WithItem } from './ast.ts'

/** A relation where it stands in a FROM; `select` is that FROM's own, whose WHERE is about its rows. */
export interface Reading {
  /** None of a query without a name. */
  name: Token[]
  alias?: Token
  /** Its columns' names there, where the FROM gives others. */
  columns?: Token[]
  select?: Select
  block: Block
}

export interface TableUse extends Reading {
  version?: TableVersion
}

/** A query with the places that read its rows: a FROM that it stands in, WITH's name, a view's. */
export interface Block {
  query: Query
  /** WITH's names for its columns. */
  columns?: readonly Token[]
  /** Empty: its rows are the answer, or asked for by an expression. It may grow until all texts are read. */
  readBy: readonly Reading[]
  /** What stands for a question mark, by its place in the text. */
  parameter: (start: number) => Expression | undefined
}

/** Of a text's own query: a view's is read by the places that name the view. */
export type Surroundings = Pick<Block, 'readBy' | 'parameter'>

const alone: Surroundings = { readBy: [], parameter: () => undefined }

export function tablesNamed(query: Query, surroundings: Surroundings = alone): TableUse[] {
  const found: TableUse[] = []
  visitBlock({ query, ...surroundings }, { named: new Map(), found })
  return found
}

/** A query of WITH, with those that read it so far. */
type Named = ReadonlyMap<string, Reading[]>

interface Reach {
  named: Named
  found: TableUse[]
}

function visitBlock(block: Block, { named: outer, found }: Reach): void {
  const { query, parameter } = block
  const named = new Map(outer)
  for (const item of query.with) {
    const readBy: Reading[] = []
    const name = item.name.text.toLowerCase()
    // A recursive one names itself, and is then no table; what is asked of it is not asked of its first rows.
    const reach = { named: query.recursive ? new Map([...named, [name, []]]) : named, found }
    visitBlock({ ...withBlock(item), readBy: query.recursive ? [] : readBy, parameter }, reach)
    named.set(name, readBy)
  }
  const { with: _, ...rest } = query
  visit(rest, { named, found }, block)
}

const withBlock = ({ query, columns }: WithItem) => ({ query, ...(columns && { columns }) })

function visit(node: unknown, reach: Reach, block: Block, select?: Select): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, reach, block, select)
    return
  }
  if (typeof node !== 'object' || node === null) return
  if (isQuery(node)) {
    visitBlock({ query: node, readBy: [], parameter: block.parameter }, reach)
    return
  }
  if (isSelect(node)) {
    const { from, ...rest } = node
    visit(from, reach, block, node)
    visit(Object.values(rest), reach, block)
    return
  }
  const place = { block, ...(select && { select }) }
  if (isDerived(node)) {
    const { query, alias, columns } = node
    const reading: Reading = { name: [], ...place, ...(alias && { alias }), ...(columns && { columns }) }
    visitBlock({ query, readBy: [reading], parameter: block.parameter }, reach)
    return
  }
  if (isTable(node)) {
    const { name, alias, columns, version } = node
    const reading = { name, ...place, ...(alias && { alias }), ...(columns && { columns }) }
    const known = name.length === 1 ? reach.named.get((name[0] as Token).text.toLowerCase()) : undefined
    if (known) known.push(reading)
    else reach.found.push({ ...reading, ...(version && { version }) })
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'at') visit(value, reach, block, select)
}

function isQuery(node: object): node is Query {
  return 'body' in node && 'with' in node && 'orderBy' in node
}

function isSelect(node: object): node is Select {
  return 'items' in node && 'from' in node && 'windows' in node
}

/** A query in a FROM; one that is LATERAL is about the rows beside it. */
function isDerived(node: object): node is { query: Query; alias?: Token; columns?: Token[] } {
  return 'lateral' in node && node.lateral === false
}

function isTable(node: object): node is TableUse {
  return 'kind' in node && node.kind === 'table' && 'name' in node && Array.isArray(node.name)
}

/**
 * What a block's column is in one of its SELECTs: the column itself, by the names of that SELECT's FROM. None where it
 * is computed there, or where a condition on it says nothing of the rows that the SELECT reads: it keeps the first
 * rows only, looks at rows around a row, or counts subtotals.
 */
export function columnBehind(reading: Reading, block: Block, select: Select, column: string): Expression[] {
  if (!passesConditions(block.query, select)) return []
  const [first] = selectsOf(block.query.body)
  const names = reading.columns ?? block.columns
  if (!names && select === first) return namedColumn(select.items, column)
  const position = names
    ? names.findIndex((name) => name.text.toLowerCase() === column)
    : (first?.items.findIndex((item) => outputName(item) === column) ?? -1)
  const before = [...(names ? [] : (first?.items ?? [])).slice(0, position), ...select.items.slice(0, position + 1)]
  const item = select.items[position]
  return item?.kind === 'expression' && before.every(({ kind }) => kind === 'expression') ? [item.value] : []
}

function passesConditions({ limit, offset, orderBy }: Query, { items, groupBy, windows }: Select): boolean {
  if (limit || offset || windows.length > 0) return false
  if (groupBy?.elements.some(({ kind }) => kind !== 'simple')) return false
  return !hasWindow(items) && !hasWindow(orderBy)
}

function hasWindow(node: unknown): boolean {
  if (typeof node !== 'object' || node === null) return false
  return ('over' in node && node.over !== undefined) || Object.values(node).some(hasWindow)
}

/** By the name that it has in the answer; through a star where none is called so. */
function namedColumn(items: readonly SelectItem[], column: string): Expression[] {
  const called = items.flatMap((item) => (outputName(item) === column && 'value' in item ? [item.value] : []))
  if (called.length > 0) return called.length === 1 ? called : []
  return items.flatMap((item) => (item.kind === 'star' && !item.aliases ? [throughStar(item, column)] : []))
}

function throughStar({ prefix, at }: Extract<SelectItem, { kind: 'star' }>, column: string): Expression {
  const [first, ...more] = [...prefix.map(({ text }) => text.toLowerCase()), column]
  const base: Expression = { kind: 'name', at, name: first ?? column, quoted: false }
  return more.reduce<Expression>((of, name) => ({ kind: 'field', at, base: of, name, text: name, quoted: false }), base)
}

function outputName(item: SelectItem): string | undefined {
  if (item.kind !== 'expression') return undefined
  if (item.alias) return item.alias.text.toLowerCase()
  return item.value.kind === 'name' || item.value.kind === 'field' ? item.value.name : undefined
}

/** In the order of their columns' names: the first gives them. */
function selectsOf(body: QueryBody): (Select | undefined)[] {
  if (body.kind === 'setOperation') return [...selectsOf(body.left), ...selectsOf(body.right)]
  return [body.kind === 'select' ? body.select : undefined]
}
