/** Reads Trino's expressions by precedence (OR, AND, NOT, predicates, ||, + -, * / %, signs, AT TIME ZONE, postfixes). */
import type { Token } from '../tokens.ts'
import type { Comparison, Expression } from './ast.ts'
import type { Parser } from './parser.ts'
import { primary } from './primaryParser.ts'
import { refused } from './trinoErrors.ts'

const depthMax = 200
const comparisons = ['=', '<>', '<', '>', '<=', '>=']

export function expression(p: Parser): Expression {
  if (++p.depth > depthMax) throw refused('An expression nested this deeply', p.cursor.peek())
  const result = disjunction(p)
  p.depth--
  return result
}

function disjunction(p: Parser): Expression {
  let left = conjunction(p)
  while (p.cursor.accept('OR')) left = { kind: 'logical', at: left.at, operator: 'OR', left, right: conjunction(p) }
  return left
}

function conjunction(p: Parser): Expression {
  let left = negation(p)
  while (p.cursor.accept('AND')) left = { kind: 'logical', at: left.at, operator: 'AND', left, right: negation(p) }
  return left
}

function negation(p: Parser): Expression {
  const at = p.cursor.peek()
  if (p.cursor.accept('NOT')) return { kind: 'unary', at, operator: 'NOT', value: negation(p) }
  return predicate(p)
}

/** As in Trino, an operator's place is what its errors point at. */
function predicate(p: Parser): Expression {
  const { cursor } = p
  let left = valueExpression(p)
  for (;;) {
    const at = cursor.peek()
    const negated = cursor.is('NOT') && ['BETWEEN', 'IN', 'LIKE'].includes(cursor.peek(1).key)
    if (comparisons.includes(at.key)) left = comparison(p, left)
    else if (cursor.is('IS')) left = isPredicate(p, left)
    else if (negated || cursor.isOneOf('BETWEEN', 'IN', 'LIKE')) {
      if (negated) cursor.next()
      left = wordPredicate(p, left, { negated, at })
    } else return left
  }
}

function comparison(p: Parser, left: Expression): Expression {
  const { cursor } = p
  const at = cursor.next()
  const operator = at.key as Comparison
  if (cursor.isOneOf('ALL', 'ANY', 'SOME') && cursor.is(cursor.peek().key, '(')) {
    const quantifier = cursor.next().key === 'ALL' ? 'ALL' : 'ANY'
    cursor.expect('(')
    const query = p.query()
    cursor.expect(')')
    return { kind: 'quantified', at, operator, quantifier, value: left, query }
  }
  return { kind: 'comparison', at, operator, left, right: valueExpression(p) }
}

function isPredicate(p: Parser, value: Expression): Expression {
  const { cursor } = p
  const at = cursor.next()
  const negated = cursor.accept('NOT')
  if (cursor.accept('NULL')) return { kind: 'isNull', at, value, negated }
  if (cursor.isOneOf('JSON', 'TRUE', 'FALSE', 'UNKNOWN')) throw refused(`IS ${cursor.peek().key}`, cursor.peek())
  cursor.expect('DISTINCT', 'FROM')
  return { kind: 'distinctFrom', at, left: value, right: valueExpression(p), negated }
}

function wordPredicate(p: Parser, value: Expression, { negated, at }: { negated: boolean; at: Token }): Expression {
  const { cursor } = p
  const word = cursor.next().key
  if (word === 'BETWEEN') {
    const low = valueExpression(p)
    cursor.expect('AND')
    return { kind: 'between', at, value, low, high: valueExpression(p), negated }
  }
  if (word === 'LIKE') {
    const pattern = valueExpression(p)
    const lead = cursor.accept('ESCAPE') ? valueExpression(p) : undefined
    return { kind: 'like', at, value, pattern, negated, ...(lead && { escape: lead }) }
  }
  cursor.expect('(')
  if (p.startsQuery()) {
    const query = p.query()
    cursor.expect(')')
    return { kind: 'inQuery', at, value, query, negated }
  }
  const items = cursor.list(() => expression(p))
  cursor.expect(')')
  return { kind: 'inList', at, value, items, negated }
}

export function valueExpression(p: Parser): Expression {
  let left = additive(p)
  while (p.cursor.is('||')) {
    left = { kind: 'arithmetic', at: p.cursor.next(), operator: '||', left, right: additive(p) }
  }
  return left
}

function additive(p: Parser): Expression {
  let left = multiplicative(p)
  while (p.cursor.isOneOf('+', '-')) {
    const at = p.cursor.next()
    left = { kind: 'arithmetic', at, operator: at.key as '+' | '-', left, right: multiplicative(p) }
  }
  return left
}

function multiplicative(p: Parser): Expression {
  let left = signed(p)
  while (p.cursor.isOneOf('*', '/', '%')) {
    const at = p.cursor.next()
    left = { kind: 'arithmetic', at, operator: at.key as '*' | '/' | '%', left, right: signed(p) }
  }
  return left
}

function signed(p: Parser): Expression {
  const at = p.cursor.peek()
  if (!p.cursor.isOneOf('-', '+')) return zoned(p)
  const operator = p.cursor.next().key as '-' | '+'
  const value = signed(p)
  // The most negative integer has no positive counterpart, so a sign before a number is part of it.
  if (operator === '-' && value.kind === 'number' && !value.text.startsWith('-'))
    return { ...value, at, text: `-${value.text}` }
  return { kind: 'unary', at, operator, value }
}

function zoned(p: Parser): Expression {
  let value = postfix(p)
  while (p.cursor.is('AT', 'TIME', 'ZONE') || p.cursor.is('AT', 'LOCAL')) {
    if (p.cursor.is('AT', 'LOCAL')) throw refused('AT LOCAL', p.cursor.peek())
    p.cursor.expect('AT', 'TIME', 'ZONE')
    value = { kind: 'atTimeZone', at: value.at, value, zone: postfix(p) }
  }
  return value
}

function postfix(p: Parser): Expression {
  const { cursor } = p
  let value = primary(p)
  for (;;) {
    const isName = cursor.peek(1).kind === 'word' || cursor.peek(1).kind === 'quoted'
    if (cursor.is('[')) {
      cursor.next()
      const index = valueExpression(p)
      cursor.expect(']')
      value = { kind: 'subscript', at: value.at, base: value, index }
    } else if (cursor.is('.') && isName) {
      cursor.next()
      const name = cursor.name()
      value = {
        kind: 'field',
        at: value.at,
        base: value,
        name: name.text.toLowerCase(),
        text: name.text,
        quoted: name.kind === 'quoted',
      }
    } else return value
  }
}
