/** The tables that a query names, before anything is known of them: WITH's own names do not count where they are in reach. */
import type { Token } from '../tokens.ts'
import type { Query, Select, TableVersion } from './ast.ts'

/** A table where it stands in a FROM; `select` is that FROM's own, whose WHERE is about its rows. */
export interface TableUse {
  name: Token[]
  alias?: Token
  version?: TableVersion
  select?: Select
}

export function tablesNamed(query: Query): TableUse[] {
  const found: TableUse[] = []
  visitQuery(query, new Set(), found)
  return found
}

function visitQuery(query: Query, known: ReadonlySet<string>, found: TableUse[]): void {
  const names = new Set(known)
  for (const item of query.with) {
    // A recursive one names itself, and is then no table.
    visitQuery(item.query, query.recursive ? new Set([...names, item.name.text.toLowerCase()]) : names, found)
    names.add(item.name.text.toLowerCase())
  }
  const { with: _, ...rest } = query
  visit(rest, { known: names, found })
}

interface Reach {
  known: ReadonlySet<string>
  found: TableUse[]
  select?: Select
}

function visit(node: unknown, reach: Reach): void {
  if (Array.isArray(node)) {
    for (const item of node) visit(item, reach)
    return
  }
  if (typeof node !== 'object' || node === null) return
  const { known, found, select } = reach
  if (isQuery(node)) {
    visitQuery(node, known, found)
    return
  }
  if (isSelect(node)) {
    const { from, ...rest } = node
    visit(from, { known, found, select: node })
    visit(Object.values(rest), { known, found })
    return
  }
  const { kind, name, alias, version } = node as Partial<Record<'kind' | 'name', unknown>> &
    Pick<TableUse, 'alias' | 'version'>
  if (kind === 'table' && Array.isArray(name)) {
    const isKnown = name.length === 1 && known.has((name[0] as Token).text.toLowerCase())
    if (!isKnown) {
      found.push({
        name: name as Token[],
        ...(alias && { alias }),
        ...(version && { version }),
        ...(select && { select }),
      })
    }
  }
  for (const [key, value] of Object.entries(node)) if (key !== 'at') visit(value, reach)
}

function isQuery(node: object): node is Query {
  return 'body' in node && 'with' in node && 'orderBy' in node
}

function isSelect(node: object): node is Select {
  return 'items' in node && 'from' in node && 'windows' in node
}
