/** Reads what stands after FROM: tables, sub-queries, UNNEST, LATERAL, joins, samples, aliases. */
import type { Token } from '../tokens.ts'
import type { Relation, Sample, TableVersion } from './ast.ts'
import { expression } from './expressionParser.ts'
import type { Parser } from './parser.ts'
import { qualifiedName } from './queryParser.ts'
import { refused } from './trinoErrors.ts'

const joinWords = ['CROSS', 'INNER', 'LEFT', 'RIGHT', 'FULL', 'NATURAL', 'JOIN']

export function relation(p: Parser): Relation {
  const { cursor } = p
  let left = sampled(p)
  while (cursor.isOneOf(...joinWords)) left = join(p, left)
  return left
}

function join(p: Parser, left: Relation): Relation {
  const { cursor } = p
  const at = left.at
  if (cursor.accept('CROSS', 'JOIN')) return { kind: 'join', at, type: 'CROSS', left, right: sampled(p) }
  const natural = cursor.accept('NATURAL')
  let type: 'INNER' | 'LEFT' | 'RIGHT' | 'FULL' = 'INNER'
  if (cursor.isOneOf('INNER', 'LEFT', 'RIGHT', 'FULL')) type = cursor.next().key as typeof type
  if (type !== 'INNER') cursor.accept('OUTER')
  cursor.expect('JOIN')
  if (natural) return { kind: 'join', at, type, left, right: sampled(p), natural }
  const right = relation(p)
  if (cursor.accept('ON')) return { kind: 'join', at, type, left, right, on: expression(p) }
  cursor.expect('USING')
  return { kind: 'join', at, type, left, right, using: columnNames(p) }
}

function sampled(p: Parser): Relation {
  const { cursor } = p
  const named = withAlias(p, primaryRelation(p))
  if (!cursor.accept('TABLESAMPLE')) return named
  const method = cursor.next().key
  cursor.expect('(')
  const percentage = expression(p)
  cursor.expect(')')
  const sample: Sample = { method, percentage }
  if (named.kind !== 'table' && named.kind !== 'query') throw refused('TABLESAMPLE here', named.at)
  return { ...named, sample }
}

function primaryRelation(p: Parser): Relation {
  const { cursor } = p
  const at = cursor.peek()
  if (cursor.is('UNNEST', '(')) return unnest(p)
  if (cursor.is('LATERAL', '(')) {
    cursor.next()
    return subquery(p, at, true)
  }
  if (cursor.is('TABLE', '(')) throw refused('A table function', at)
  if (cursor.is('(')) {
    if (isSubquery(p)) return subquery(p, at, false)
    cursor.next()
    const inner = relation(p)
    cursor.expect(')')
    return { kind: 'nested', at, relation: inner }
  }
  const name = qualifiedName(p)
  return cursor.accept('FOR') ? { kind: 'table', at, name, version: tableVersion(p) } : { kind: 'table', at, name }
}

function tableVersion(p: Parser): TableVersion {
  const { cursor } = p
  if (!cursor.isOneOf('TIMESTAMP', 'VERSION')) throw cursor.mismatch("'TIMESTAMP', 'VERSION'")
  const kind = cursor.next().key as TableVersion['kind']
  cursor.expect('AS', 'OF')
  const at = cursor.peek()
  expression(p)
  return { kind, at, text: cursor.sql.slice(at.start, cursor.peek(-1).end) }
}

/** `((SELECT 1) UNION (SELECT 2))` is a query; `((a JOIN b))` and `((SELECT 1) x JOIN b)` are relations. */
function isSubquery(p: Parser): boolean {
  const { cursor } = p
  if (!p.startsQuery()) return false
  if (cursor.peek(1).key !== '(') return true
  const mark = cursor.mark()
  try {
    cursor.next()
    p.query()
    return cursor.is(')')
  } catch {
    return false
  } finally {
    cursor.reset(mark)
  }
}

function subquery(p: Parser, at: Token, lateral: boolean): Relation {
  p.cursor.expect('(')
  const inner = p.query()
  p.cursor.expect(')')
  return { kind: 'query', at, query: inner, lateral }
}

function unnest(p: Parser): Relation {
  const { cursor } = p
  const at = cursor.expect('UNNEST', '(')
  const items = cursor.list(() => expression(p))
  cursor.expect(')')
  return { kind: 'unnest', at, items, ordinality: cursor.accept('WITH', 'ORDINALITY') }
}

const afterRelation = new Set(
  'ON USING WHERE GROUP HAVING WINDOW ORDER LIMIT OFFSET FETCH UNION EXCEPT INTERSECT TABLESAMPLE MATCH_RECOGNIZE'
    .split(' ')
    .concat(joinWords),
)

function withAlias(p: Parser, named: Relation): Relation {
  const { cursor } = p
  if (cursor.is('MATCH_RECOGNIZE')) throw refused('MATCH_RECOGNIZE', cursor.peek())
  if (named.kind === 'join' || named.kind === 'nested') return named
  const next = cursor.peek()
  const isAlias = next.kind === 'quoted' || (next.kind === 'word' && !afterRelation.has(next.key))
  if (!cursor.accept('AS') && !isAlias) return named
  const alias = cursor.name()
  const columns = cursor.is('(') ? columnNames(p) : undefined
  if (cursor.is('MATCH_RECOGNIZE')) throw refused('MATCH_RECOGNIZE', cursor.peek())
  return { ...named, alias, ...(columns && { columns }) }
}

export function columnNames(p: Parser): Token[] {
  p.cursor.expect('(')
  const names = p.cursor.list(() => p.cursor.name())
  p.cursor.expect(')')
  return names
}
