/** A query's text to its tree (ast.ts). What Trino's grammar has and this one lacks is refused by name. */
import { Cursor } from '../cursor.ts'
import type { Expression, Query, TypeNode } from './ast.ts'
import { expression } from './expressionParser.ts'
import { query } from './queryParser.ts'
import { trinoError } from './trinoErrors.ts'
import { typeNode } from './typeParser.ts'

export class Parser {
  readonly cursor: Cursor
  depth = 0

  constructor(sql: string) {
    this.cursor = new Cursor(sql)
    const { tokens } = this.cursor
    const merged = tokens.find(
      (token, i) => token.kind === 'word' && tokens[i - 1]?.kind === 'number' && tokens[i - 1]?.end === token.start,
    )
    if (merged) {
      throw trinoError(
        'SYNTAX_ERROR',
        'identifiers must not start with a digit; surround the identifier with double quotes',
        merged,
      )
    }
  }

  query(): Query {
    return query(this)
  }

  expression(): Expression {
    return expression(this)
  }

  type(): TypeNode {
    return typeNode(this)
  }

  /** Whether what comes, after any parentheses, is a query. */
  startsQuery(): boolean {
    let ahead = 0
    while (this.cursor.peek(ahead).key === '(') ahead++
    return (
      ['SELECT', 'WITH', 'VALUES', 'TABLE'].includes(this.cursor.peek(ahead).key) &&
      this.cursor.peek(ahead).kind === 'word'
    )
  }
}

/** Errors: SqlError with its place. */
export function parseQuery(sql: string): Query {
  const parser = new Parser(sql)
  const tree = parser.query()
  parser.cursor.expectEnd()
  return tree
}

/** A single expression: an execution parameter. */
export function parseExpression(text: string): Expression {
  const parser = new Parser(text)
  const tree = parser.expression()
  parser.cursor.expectEnd()
  return tree
}

/** A type by its Trino name. */
export function parseTypeNode(text: string): TypeNode {
  const parser = new Parser(text)
  const tree = parser.type()
  parser.cursor.expectEnd()
  return tree
}
