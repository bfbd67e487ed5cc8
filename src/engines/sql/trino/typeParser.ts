/** Reads a type: `varchar(10)`, `array<integer>`, `row(a integer, b varchar)`, `timestamp(3) with time zone`. */

import type { TypeNode } from './ast.ts'
import type { Parser } from './parser.ts'

export function typeNode(p: Parser): TypeNode {
  let type = baseType(p)
  // `integer array` is an older way to say array(integer).
  while (p.cursor.is('ARRAY')) {
    const at = p.cursor.next()
    type = { at, name: 'array', numbers: [], types: [{ type }] }
  }
  return type
}

function baseType(p: Parser): TypeNode {
  const { cursor } = p
  const at = cursor.name()
  const name = at.text.toLowerCase()
  const node: TypeNode = { at, name, numbers: [], types: [] }
  if (name === 'double') cursor.accept('PRECISION')
  if (name === 'interval') return intervalType(p, node)
  if (name === 'row' && cursor.is('(')) return rowType(p, node)
  if (cursor.is('<')) {
    cursor.next()
    node.types = cursor.list(() => ({ type: typeNode(p) }))
    cursor.expect('>')
  } else if (cursor.accept('(')) {
    cursor.list(() => {
      if (cursor.peek().kind === 'number') node.numbers.push(Number(cursor.next().text))
      else node.types.push({ type: typeNode(p) })
    })
    cursor.expect(')')
  }
  if ((name === 'timestamp' || name === 'time') && cursor.is('WITH', 'TIME', 'ZONE')) {
    cursor.expect('WITH', 'TIME', 'ZONE')
    node.zoned = true
  } else if (name === 'timestamp' || name === 'time') cursor.accept('WITHOUT', 'TIME', 'ZONE')
  return node
}

function intervalType(p: Parser, node: TypeNode): TypeNode {
  const from = p.cursor.next().text.toLowerCase()
  p.cursor.expect('TO')
  const to = p.cursor.next().text.toLowerCase()
  return { ...node, name: `interval ${from} to ${to}` }
}

function rowType(p: Parser, node: TypeNode): TypeNode {
  const { cursor } = p
  cursor.expect('(')
  node.types = cursor.list(() => {
    const next = cursor.peek(1)
    // `integer array` is a type without a name; `notas array(integer)` and `notas array<integer>` have one.
    const isOlderArray = next.key === 'ARRAY' && !['(', '<'].includes(cursor.peek(2).key)
    const isNamed =
      next.kind === 'quoted' ||
      (next.kind === 'word' && !isOlderArray && !['PRECISION', 'WITH', 'WITHOUT', 'TO'].includes(next.key))
    if (!isNamed) return { type: typeNode(p) }
    return { name: cursor.name().text.toLowerCase(), type: typeNode(p) }
  })
  cursor.expect(')')
  return node
}
