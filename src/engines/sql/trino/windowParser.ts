/** Reads OVER's window: its base, PARTITION BY, ORDER BY and frame. */
import type { Frame, FrameBound, Window } from './ast.ts'
import { expression } from './expressionParser.ts'
import type { Parser } from './parser.ts'
import { sortItems } from './queryParser.ts'
import { refused } from './trinoErrors.ts'

const starters = ['PARTITION', 'ORDER', 'ROWS', 'RANGE', 'GROUPS', ')', 'MEASURES']

export function windowSpecification(p: Parser): Window {
  const { cursor } = p
  const at = cursor.expect('(')
  const base = cursor.isOneOf(...starters) ? undefined : cursor.name()
  const partitionBy = cursor.accept('PARTITION', 'BY') ? cursor.list(() => expression(p)) : []
  const orderBy = cursor.is('ORDER') ? sortItems(p) : []
  if (cursor.is('MEASURES')) throw refused('Row pattern recognition in windows', cursor.peek())
  const frame = cursor.isOneOf('ROWS', 'RANGE', 'GROUPS') ? windowFrame(p) : undefined
  cursor.expect(')')
  return { at, partitionBy, orderBy, ...(base && { base }), ...(frame && { frame }) }
}

function windowFrame(p: Parser): Frame {
  const at = p.cursor.next()
  const unit = at.key as Frame['unit']
  if (!p.cursor.accept('BETWEEN')) return { at, unit, start: bound(p) }
  const start = bound(p)
  p.cursor.expect('AND')
  return { at, unit, start, end: bound(p) }
}

function bound(p: Parser): FrameBound {
  const { cursor } = p
  const at = cursor.peek()
  if (cursor.accept('CURRENT', 'ROW')) return { at, kind: 'CURRENT ROW' }
  const unbounded = cursor.accept('UNBOUNDED')
  const value = unbounded ? undefined : expression(p)
  if (!cursor.isOneOf('PRECEDING', 'FOLLOWING')) throw cursor.mismatch("'PRECEDING', 'FOLLOWING'")
  const direction = cursor.next().key as 'PRECEDING' | 'FOLLOWING'
  return value ? { at, kind: direction, value } : { at, kind: `UNBOUNDED ${direction}` }
}
