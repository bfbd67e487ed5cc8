/** The tables that a query names, before anything is known of them: WITH's own names do not count where they are in reach. */
import type { Token } from '../tokens.ts'
import type { Query } from './ast.ts'

export function tablesNamed(query: Query): Token[][] {
  const found: Token[][] = []
  visitQuery(query, new Set(), found)
  return found
}

function visitQuery(query: Query, known: ReadonlySet<string>, found: Token[][]): void {
  const names = new Set(known)
  for (const item of query.with) {
    // A recursive one names itself, and is then no table.
    visitQuery(item.query, query.recursive ? new Set([...names, item.name.text.toLowerCase()]) : names, found)
    names.add(item.name.text.toLowerCase())
  }
  const { with: _, ...rest } = query
  visit(rest, names, found)
}

function visit(node: unknown, known: ReadonlySet<string>, found: Token[][]): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, known, found)
    return
  }
  if (typeof node !== 'object' || node === null) return
  if (isQuery(node)) {
    visitQuery(node, known, found)
    return
  }
  const { kind, name } = node as { kind?: unknown; name?: unknown }
  if (kind === 'table' && Array.isArray(name)) {
    const isKnown = name.length === 1 && known.has((name[0] as Token).text.toLowerCase())
    if (!isKnown) found.push(name as Token[])
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'at') visit(value, known, found)
}

function isQuery(node: object): node is Query {
  return 'body' in node && 'with' in node && 'orderBy' in node
}
