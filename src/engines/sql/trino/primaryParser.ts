/** Reads what binds tightest: literals, names, calls, CASE, CAST, rows, arrays, lambdas and the forms with words inside. */
import { SqlError } from '../sqlError.ts'
import type { Token } from '../tokens.ts'
import type { Call, Expression } from './ast.ts'
import { expression, valueExpression } from './expressionParser.ts'
import { jsonFunction, jsonWords } from './jsonFunctionParser.ts'
import type { Parser } from './parser.ts'
import { sortItems } from './queryParser.ts'
import { refused, trinoError } from './trinoErrors.ts'
import { typeNode } from './typeParser.ts'
import { windowSpecification } from './windowParser.ts'

export function primary(p: Parser): Expression {
  const { cursor } = p
  const at = cursor.peek()
  switch (at.kind) {
    case 'number':
      cursor.next()
      return { kind: 'number', at, text: at.text }
    case 'string':
      cursor.next()
      return { kind: 'string', at, value: at.text }
    case 'binary':
      cursor.next()
      return { kind: 'binary', at, hex: at.text }
    case 'quoted':
      return nameOrCall(p, at)
    case 'word':
      return word(p, at)
    default:
      if (cursor.accept('?')) return { kind: 'parameter', at }
      if (cursor.is('(')) return parenthesised(p, at)
      throw cursor.mismatch('<expression>')
  }
}

function parenthesised(p: Parser, at: Token): Expression {
  const { cursor } = p
  const lambda = lambdaParameters(p)
  if (lambda) return { kind: 'lambda', at, parameters: lambda, body: expression(p) }
  cursor.expect('(')
  if (p.startsQuery()) {
    const query = p.query()
    cursor.expect(')')
    return { kind: 'subquery', at, query }
  }
  const items = cursor.list(() => expression(p))
  cursor.expect(')')
  return items.length === 1 ? (items[0] as Expression) : { kind: 'row', at, items }
}

/** `(x, y) ->`, `() ->`; anything else leaves the cursor where it was. */
function lambdaParameters(p: Parser): Token[] | undefined {
  const { cursor } = p
  const mark = cursor.mark()
  cursor.expect('(')
  const names: Token[] = []
  while (cursor.peek().kind === 'word' || cursor.peek().kind === 'quoted') {
    names.push(cursor.next())
    if (!cursor.accept(',')) break
  }
  if (cursor.accept(')', '->')) return names
  cursor.reset(mark)
  return undefined
}

const special: Record<string, (p: Parser, at: Token) => Expression> = {
  NULL: (p, at) => literal(p, { kind: 'null', at }),
  TRUE: (p, at) => literal(p, { kind: 'boolean', at, value: true }),
  FALSE: (p, at) => literal(p, { kind: 'boolean', at, value: false }),
  CASE: caseExpression,
  INTERVAL: intervalLiteral,
}

/** Words that are special only when a parenthesis follows. */
const specialCalls: Record<string, (p: Parser, at: Token) => Expression> = {
  CAST: (p, at) => castExpression(p, at, false),
  TRY_CAST: (p, at) => castExpression(p, at, true),
  EXISTS: existsPredicate,
  EXTRACT: extractExpression,
  ROW: rowConstructor,
  TRIM: trimCall,
  SUBSTRING: substringCall,
  POSITION: positionCall,
  NORMALIZE: normalizeCall,
}

const momentWords = [
  'CURRENT_DATE',
  'CURRENT_TIMESTAMP',
  'CURRENT_TIME',
  'LOCALTIME',
  'LOCALTIMESTAMP',
  'CURRENT_USER',
  'CURRENT_CATALOG',
  'CURRENT_SCHEMA',
]

function word(p: Parser, at: Token): Expression {
  const { cursor } = p
  const next = cursor.peek(1)
  const handler = Object.hasOwn(special, at.key) ? special[at.key] : undefined
  if (handler && !(at.key === 'INTERVAL' && next.kind !== 'string' && !['-', '+'].includes(next.key)))
    return handler(p, at)
  if (next.key === '(') {
    const call = Object.hasOwn(specialCalls, at.key) ? specialCalls[at.key] : undefined
    if (call) return call(p, at)
    if (jsonWords.includes(at.key)) return jsonFunction(p, at)
  }
  if (at.key === 'ARRAY' && next.key === '[') return arrayConstructor(p, at)
  if (momentWords.includes(at.key)) return moment(p, at)
  if (at.key === 'U' && next.key === '&' && cursor.peek(2).kind === 'string') return unicodeString(p, at)
  if (next.kind === 'string' && next.start > at.end) return typedLiteral(p, at)
  if (at.key === 'DOUBLE' && next.key === 'PRECISION' && cursor.peek(2).kind === 'string') return typedLiteral(p, at)
  if (next.key === '->') {
    cursor.next()
    cursor.next()
    return { kind: 'lambda', at, parameters: [at], body: expression(p) }
  }
  if (reserved.has(at.key)) throw cursor.mismatch('<expression>')
  return nameOrCall(p, at)
}

const reserved = new Set(
  `ALTER AND AS BETWEEN BY CONSTRAINT CREATE CROSS CUBE DEALLOCATE DELETE DESCRIBE DISTINCT DROP ELSE END ESCAPE EXCEPT
  EXECUTE FOR FROM FULL GROUP GROUPING HAVING IN INNER INSERT INTERSECT INTO IS JOIN LEFT LIKE NATURAL NOT ON OR ORDER
  OUTER PREPARE RECURSIVE RIGHT ROLLUP SELECT SKIP TABLE THEN UESCAPE UNION UNNEST USING VALUES WHEN WHERE WITH`
    .split(/\s+/)
    .filter((name) => name !== 'GROUPING'),
)

function literal(p: Parser, node: Expression): Expression {
  p.cursor.next()
  return node
}

function nameOrCall(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.next()
  if (cursor.is('(')) return { kind: 'call', at, call: call(p, at) }
  return { kind: 'name', at, name: at.text.toLowerCase(), quoted: at.kind === 'quoted' }
}

function call(p: Parser, name: Token): Call {
  const { cursor } = p
  const made: Call = {
    name: name.text.toLowerCase(),
    quoted: name.kind === 'quoted',
    at: name,
    args: [],
    star: false,
    distinct: false,
    orderBy: [],
    ignoreNulls: false,
  }
  cursor.expect('(')
  if (cursor.accept('*')) made.star = true
  else if (!cursor.is(')')) {
    if (cursor.accept('DISTINCT')) made.distinct = true
    else cursor.accept('ALL')
    made.args = cursor.list(() => expression(p))
    if (cursor.is('ORDER')) made.orderBy = sortItems(p)
    if (cursor.is('ON', 'OVERFLOW')) made.overflow = overflow(p)
  }
  cursor.expect(')')
  callModifiers(p, made)
  return made
}

function overflow(p: Parser): 'error' | 'truncate' {
  const { cursor } = p
  cursor.expect('ON', 'OVERFLOW')
  if (cursor.accept('ERROR')) return 'error'
  cursor.expect('TRUNCATE')
  if (cursor.peek().kind === 'string') cursor.next()
  if (!cursor.accept('WITH', 'COUNT')) cursor.expect('WITHOUT', 'COUNT')
  return 'truncate'
}

function callModifiers(p: Parser, made: Call): void {
  const { cursor } = p
  if (cursor.accept('WITHIN', 'GROUP', '(')) {
    made.orderBy = sortItems(p)
    cursor.expect(')')
  }
  if (cursor.accept('FILTER', '(', 'WHERE')) {
    made.filter = expression(p)
    cursor.expect(')')
  }
  if (cursor.accept('IGNORE', 'NULLS')) made.ignoreNulls = true
  else cursor.accept('RESPECT', 'NULLS')
  if (cursor.accept('OVER')) made.over = cursor.is('(') ? windowSpecification(p) : cursor.name()
}

/** A call that was written with words between its arguments. */
function plainCall(name: string, at: Token, args: Expression[]): Expression {
  return {
    kind: 'call',
    at,
    call: { name, quoted: false, at, args, star: false, distinct: false, orderBy: [], ignoreNulls: false },
  }
}

function caseExpression(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.expect('CASE')
  const operand = cursor.is('WHEN') ? undefined : expression(p)
  const branches: { when: Expression; result: Expression }[] = []
  while (cursor.accept('WHEN')) {
    const when = expression(p)
    cursor.expect('THEN')
    branches.push({ when, result: expression(p) })
  }
  if (branches.length === 0) throw cursor.mismatch("'WHEN'")
  const otherwise = cursor.accept('ELSE') ? expression(p) : undefined
  cursor.expect('END')
  return { kind: 'case', at, branches, ...(operand && { operand }), ...(otherwise && { otherwise }) }
}

function intervalLiteral(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.expect('INTERVAL')
  const negative = cursor.accept('-')
  if (!negative) cursor.accept('+')
  const text = cursor.string()
  const from = intervalField(p)
  const to = cursor.accept('TO') ? intervalField(p) : undefined
  return { kind: 'interval', at, text, negative, from, ...(to && { to }) }
}

function intervalField(p: Parser): string {
  if (!p.cursor.isOneOf('YEAR', 'MONTH', 'DAY', 'HOUR', 'MINUTE', 'SECOND')) {
    throw trinoError('TYPE_NOT_FOUND', 'Unknown type: interval', p.cursor.peek())
  }
  return p.cursor.next().text.toLowerCase()
}

function typedLiteral(p: Parser, at: Token): Expression {
  p.cursor.next()
  p.cursor.accept('PRECISION')
  const text = p.cursor.string()
  return { kind: 'typed', at, type: { at, name: at.text.toLowerCase(), numbers: [], types: [] }, text }
}

/** `U&'snow\\2603' UESCAPE '#'`. */
function unicodeString(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.next()
  cursor.next()
  const text = cursor.string()
  const lead = cursor.accept('UESCAPE') ? cursor.string() : '\\'
  const mark = lead.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  const value = text.replace(
    new RegExp(`${mark}(?:\\+([0-9a-fA-F]{6})|([0-9a-fA-F]{4})|${mark})`, 'g'),
    (_, long, short) => (long || short ? String.fromCodePoint(Number.parseInt(long ?? short, 16)) : lead),
  )
  return { kind: 'string', at, value }
}

function castExpression(p: Parser, at: Token, safe: boolean): Expression {
  const { cursor } = p
  cursor.next()
  cursor.expect('(')
  const value = expression(p)
  cursor.expect('AS')
  const type = typeNode(p)
  cursor.expect(')')
  return { kind: 'cast', at, value, type, safe }
}

function existsPredicate(p: Parser, at: Token): Expression {
  p.cursor.expect('EXISTS', '(')
  const query = p.query()
  p.cursor.expect(')')
  return { kind: 'exists', at, query }
}

function extractExpression(p: Parser, at: Token): Expression {
  p.cursor.expect('EXTRACT', '(')
  const field = p.cursor.name().text.toLowerCase()
  p.cursor.expect('FROM')
  const value = expression(p)
  p.cursor.expect(')')
  return { kind: 'extract', at, field, value }
}

function rowConstructor(p: Parser, at: Token): Expression {
  p.cursor.expect('ROW', '(')
  const items = p.cursor.list(() => expression(p))
  if (p.cursor.is('AS')) throw refused('Naming the fields of ROW(…)', p.cursor.peek())
  p.cursor.expect(')')
  return { kind: 'row', at, items }
}

function arrayConstructor(p: Parser, at: Token): Expression {
  p.cursor.expect('ARRAY', '[')
  const items = p.cursor.is(']') ? [] : p.cursor.list(() => expression(p))
  p.cursor.expect(']')
  return { kind: 'array', at, items }
}

function trimCall(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.expect('TRIM', '(')
  const side = cursor.isOneOf('LEADING', 'TRAILING', 'BOTH') ? cursor.next().key : 'BOTH'
  const name = side === 'LEADING' ? 'ltrim' : side === 'TRAILING' ? 'rtrim' : 'trim'
  if (cursor.accept('FROM')) {
    const text = valueExpression(p)
    cursor.expect(')')
    return plainCall(name, at, [text])
  }
  const first = valueExpression(p)
  const second = cursor.accept('FROM') ? valueExpression(p) : cursor.accept(',') ? first : undefined
  const args = second === undefined ? [first] : second === first ? [first, valueExpression(p)] : [second, first]
  cursor.expect(')')
  return plainCall(name, at, args)
}

function substringCall(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.expect('SUBSTRING', '(')
  const args = [expression(p)]
  if (cursor.accept('FROM')) {
    args.push(expression(p))
    if (cursor.accept('FOR')) args.push(expression(p))
  } else while (cursor.accept(',')) args.push(expression(p))
  cursor.expect(')')
  return plainCall('substring', at, args)
}

function positionCall(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.expect('POSITION', '(')
  const part = valueExpression(p)
  cursor.expect('IN')
  const whole = valueExpression(p)
  cursor.expect(')')
  return plainCall('strpos', at, [whole, part])
}

function normalizeCall(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.expect('NORMALIZE', '(')
  const value = expression(p)
  const form = cursor.accept(',') ? cursor.next() : undefined
  if (form && !['NFC', 'NFD', 'NFKC', 'NFKD'].includes(form.key))
    throw cursor.mismatch("'NFC', 'NFD', 'NFKC', 'NFKD'", form)
  cursor.expect(')')
  return plainCall('normalize', at, [value, { kind: 'string', at, value: form?.key ?? 'NFC' }])
}

function moment(p: Parser, at: Token): Expression {
  const { cursor } = p
  cursor.next()
  const node = { kind: 'now' as const, at, what: at.text.toLowerCase() }
  if (!cursor.accept('(')) return node
  const digits = cursor.next()
  if (digits.kind !== 'number') throw new SqlError(`line ${digits.line}:${digits.column}: mismatched input`, digits)
  cursor.expect(')')
  const precision = Number(digits.text)
  if (precision > 12) throw trinoError('INVALID_FUNCTION_ARGUMENT', 'Invalid precision', digits)
  return { ...node, precision }
}
