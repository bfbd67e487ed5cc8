/** Reads the SQL standard's JSON functions: JSON_EXISTS, JSON_VALUE, JSON_QUERY, JSON_OBJECT, JSON_ARRAY. */
import type { Token } from '../tokens.ts'
import type { Expression, JsonExpression, OnJson } from './ast.ts'
import { expression } from './expressionParser.ts'
import type { Parser } from './parser.ts'
import { refused } from './trinoErrors.ts'
import { typeNode } from './typeParser.ts'

export const jsonWords = ['JSON_EXISTS', 'JSON_VALUE', 'JSON_QUERY', 'JSON_OBJECT', 'JSON_ARRAY']

export function jsonFunction(p: Parser, at: Token): Expression {
  const word = p.cursor.next().key
  p.cursor.expect('(')
  const node =
    word === 'JSON_OBJECT' ? jsonObject(p, at) : word === 'JSON_ARRAY' ? jsonArray(p, at) : pathFunction(p, at, word)
  p.cursor.expect(')')
  return node
}

function pathFunction(p: Parser, at: Token, word: string): JsonExpression {
  const { cursor } = p
  const input = expression(p)
  const inputJson = formatJson(p)
  cursor.expect(',')
  const pathAt = cursor.peek()
  const path = cursor.string()
  const passing: { name: string; value: Expression }[] = []
  if (cursor.accept('PASSING')) {
    cursor.list(() => {
      const value = expression(p)
      formatJson(p)
      cursor.expect('AS')
      const name = cursor.name()
      passing.push({ name: name.kind === 'quoted' ? name.text : name.text.toUpperCase(), value })
    })
  }
  const kind = { kind: 'jsonPath' as const, at, input, inputJson, path, pathAt, passing }
  if (word === 'JSON_EXISTS') {
    const onError = onClause(p, 'ERROR')
    return { ...kind, function: 'exists', ...(onError && { onError }) }
  }
  const returning = cursor.accept('RETURNING') ? typeNode(p) : undefined
  const shared = { ...kind, ...(returning && { returning }) }
  if (word === 'JSON_VALUE') return { ...shared, function: 'value', ...onClauses(p) }
  formatJson(p)
  const wrapper = wrapperClause(p)
  const quotes = quotesClause(p)
  return { ...shared, function: 'query', ...(wrapper && { wrapper }), ...(quotes && { quotes }), ...onClauses(p) }
}

function formatJson(p: Parser): boolean {
  if (!p.cursor.accept('FORMAT', 'JSON')) return false
  if (p.cursor.accept('ENCODING')) throw refused('FORMAT JSON ENCODING', p.cursor.peek())
  return true
}

function wrapperClause(p: Parser): string | undefined {
  const { cursor } = p
  if (cursor.accept('WITHOUT')) {
    cursor.accept('ARRAY')
    cursor.expect('WRAPPER')
    return 'without'
  }
  if (!cursor.accept('WITH')) return undefined
  const conditional = cursor.accept('CONDITIONAL')
  if (!conditional) cursor.accept('UNCONDITIONAL')
  cursor.accept('ARRAY')
  cursor.expect('WRAPPER')
  return conditional ? 'conditional' : 'unconditional'
}

function quotesClause(p: Parser): string | undefined {
  if (!p.cursor.isOneOf('KEEP', 'OMIT')) return undefined
  const word = p.cursor.next().key.toLowerCase()
  p.cursor.expect('QUOTES')
  p.cursor.accept('ON', 'SCALAR', 'STRING')
  return word
}

function onClauses(p: Parser): { onEmpty?: OnJson; onError?: OnJson } {
  const onEmpty = onClause(p, 'EMPTY')
  const onError = onClause(p, 'ERROR')
  return { ...(onEmpty && { onEmpty }), ...(onError && { onError }) }
}

/** `NULL ON EMPTY`, `DEFAULT 0 ON ERROR`; a clause for the other event stays unread. */
function onClause(p: Parser, event: 'EMPTY' | 'ERROR'): OnJson | undefined {
  const { cursor } = p
  const mark = cursor.mark()
  const clause = onJson(p)
  if (clause && cursor.accept('ON', event)) return clause
  cursor.reset(mark)
  return undefined
}

function onJson(p: Parser): OnJson | undefined {
  const { cursor } = p
  if (cursor.accept('ERROR')) return { what: 'error' }
  if (cursor.accept('NULL')) return { what: 'null' }
  if (cursor.accept('TRUE')) return { what: 'true' }
  if (cursor.accept('FALSE')) return { what: 'false' }
  if (cursor.accept('UNKNOWN')) return { what: 'unknown' }
  if (cursor.accept('DEFAULT')) return { what: 'default', value: expression(p) }
  if (cursor.accept('EMPTY', 'OBJECT')) return { what: 'empty object' }
  if (cursor.accept('EMPTY', 'ARRAY') || cursor.accept('EMPTY')) return { what: 'empty array' }
  return undefined
}

function jsonObject(p: Parser, at: Token): JsonExpression {
  const { cursor } = p
  const members: { key: Expression; value: Expression; isJson: boolean }[] = []
  while (!cursor.isOneOf(')', 'NULL', 'ABSENT', 'WITH', 'WITHOUT', 'RETURNING')) {
    const isKey = cursor.is('KEY') && cursor.peek(1).key !== '('
    if (isKey) cursor.next()
    const key = expression(p)
    if (!cursor.accept(':')) cursor.expect('VALUE')
    const value = expression(p)
    members.push({ key, value, isJson: formatJson(p) })
    if (!cursor.accept(',')) break
  }
  const absentOnNull = nullClause(p, false)
  const uniqueKeys = cursor.accept('WITH', 'UNIQUE')
  if (!uniqueKeys) cursor.accept('WITHOUT', 'UNIQUE')
  cursor.accept('KEYS')
  const returning = cursor.accept('RETURNING') ? typeNode(p) : undefined
  return { kind: 'jsonObject', at, members, absentOnNull, uniqueKeys, ...(returning && { returning }) }
}

function jsonArray(p: Parser, at: Token): JsonExpression {
  const { cursor } = p
  const items: { value: Expression; isJson: boolean }[] = []
  while (!cursor.is(')') && !cursor.is('RETURNING') && !cursor.is('NULL', 'ON') && !cursor.is('ABSENT', 'ON')) {
    const value = expression(p)
    items.push({ value, isJson: formatJson(p) })
    if (!cursor.accept(',')) break
  }
  const absentOnNull = nullClause(p, true)
  const returning = cursor.accept('RETURNING') ? typeNode(p) : undefined
  return { kind: 'jsonArray', at, items, absentOnNull, ...(returning && { returning }) }
}

function nullClause(p: Parser, fallback: boolean): boolean {
  if (p.cursor.accept('NULL', 'ON', 'NULL')) return false
  if (p.cursor.accept('ABSENT', 'ON', 'NULL')) return true
  return fallback
}
