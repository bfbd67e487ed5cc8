/**
 * Expressions: read by precedence, written as DuckDB's. The result is parenthesised wherever two dialects might bind
 * differently, so the text that goes to DuckDB means what the user's did.
 */
import { quoteName, quoteText } from '../cursor.ts'
import { notSupported, SqlError } from '../sqlError.ts'
import type { Token } from '../tokens.ts'
import type { Fragment, Translation } from './dialect.ts'
import { translateCall } from './functionCalls.ts'
import { interval } from './intervals.ts'
import { translateQuery } from './queries.ts'

const depthMax = 200
const comparisons = ['=', '<>', '<', '>', '<=', '>=']
const regexOperators: Record<string, string> = { '~': '', '~*': 'i', '!~': '', '!~*': 'i' }

export function expression(t: Translation): Fragment {
  if (++t.depth > depthMax) throw new SqlError('The expression is nested too deeply.', t.cursor.peek())
  const result = disjunction(t)
  t.depth--
  return result
}

function disjunction(t: Translation): Fragment {
  let left = conjunction(t)
  while (t.cursor.accept('OR')) left = compound(left, `(${left.sql} OR ${conjunction(t).sql})`)
  return left
}

function conjunction(t: Translation): Fragment {
  let left = negation(t)
  while (t.cursor.accept('AND')) left = compound(left, `(${left.sql} AND ${negation(t).sql})`)
  return left
}

function negation(t: Translation): Fragment {
  const at = t.cursor.peek()
  if (t.cursor.accept('NOT')) return { at, sql: `(NOT ${negation(t).sql})` }
  return predicate(t)
}

function predicate(t: Translation): Fragment {
  let left = concatenation(t)
  for (;;) {
    const next = comparison(t, left) ?? wordPredicate(t, left)
    if (!next) return left
    left = next
  }
}

function comparison(t: Translation, left: Fragment): Fragment | undefined {
  const { cursor } = t
  const operator = cursor.peek().key
  if (comparisons.includes(operator)) {
    cursor.next()
    if (cursor.isOneOf('ALL', 'ANY', 'SOME') && cursor.is(cursor.peek().key, '(')) {
      const quantifier = cursor.next().key === 'ALL' ? 'ALL' : 'ANY'
      return compound(left, `(${left.sql} ${operator} ${quantifier} ${subquery(t)})`)
    }
    return compared(left, operator, concatenation(t))
  }
  if (operator in regexOperators) {
    cursor.next()
    const flags = regexOperators[operator]
    const call = `regexp_matches(${left.sql}, ${concatenation(t).sql}${flags ? `, '${flags}'` : ''})`
    return compound(left, operator.startsWith('!') ? `(NOT ${call})` : call)
  }
  return undefined
}

/** Rows with a NULL in them compare as unknown; values of type char compare without their padding. */
function compared(left: Fragment, operator: string, right: Fragment): Fragment {
  if (
    left.kind === 'row' &&
    right.kind === 'row' &&
    left.items?.length === right.items?.length &&
    (operator === '=' || operator === '<>')
  ) {
    const parts = (left.items ?? []).map((item, i) => `${item.sql} = ${right.items?.[i]?.sql}`)
    return compound(left, `(${operator === '<>' ? 'NOT ' : ''}(${parts.join(' AND ')}))`)
  }
  return compound(left, `(${left.sql} ${operator} ${right.sql})`)
}

function wordPredicate(t: Translation, left: Fragment): Fragment | undefined {
  const { cursor } = t
  if (cursor.accept('ISNULL')) return compound(left, `(${left.sql} IS NULL)`)
  if (cursor.accept('NOTNULL')) return compound(left, `(${left.sql} IS NOT NULL)`)
  if (cursor.accept('IS')) return isPredicate(t, left)
  const negated = cursor.is('NOT') && ['BETWEEN', 'IN', 'LIKE', 'ILIKE', 'SIMILAR'].includes(cursor.peek(1).key)
  const not = negated ? 'NOT ' : ''
  if (negated) cursor.next()
  if (cursor.accept('BETWEEN')) {
    if (cursor.isOneOf('SYMMETRIC', 'ASYMMETRIC')) throw notSupported(`BETWEEN ${cursor.peek().key}`, cursor.peek())
    const low = concatenation(t)
    cursor.expect('AND')
    return compound(left, `(${left.sql} ${not}BETWEEN ${low.sql} AND ${concatenation(t).sql})`)
  }
  if (cursor.is('IN')) {
    cursor.next()
    return compound(left, `(${left.sql} ${not}IN ${inList(t)})`)
  }
  if (cursor.is('SIMILAR')) throw notSupported('SIMILAR TO', cursor.peek())
  if (cursor.is('LIKE') || cursor.is('ILIKE')) {
    const operator = cursor.next().key
    const pattern = concatenation(t)
    return compound(left, `(${left.sql} ${not}${operator} ${pattern.sql}${likeEscape(t)})`)
  }
  return undefined
}

function likeEscape(t: Translation): string {
  if (t.cursor.accept('ESCAPE')) return ` ESCAPE ${concatenation(t).sql}`
  // Redshift's LIKE has a backslash for an escape without being told; DuckDB's has none.
  return " ESCAPE '\\'"
}

function inList(t: Translation): string {
  if (startsQuery(t, 1)) return subquery(t)
  t.cursor.expect('(')
  const items = t.cursor.list(() => expression(t).sql)
  t.cursor.expect(')')
  return `(${items.join(', ')})`
}

function isPredicate(t: Translation, left: Fragment): Fragment {
  const { cursor } = t
  const not = cursor.accept('NOT') ? 'NOT ' : ''
  if (cursor.accept('NULL')) return compound(left, `(${left.sql} IS ${not}NULL)`)
  if (cursor.isOneOf('TRUE', 'FALSE', 'UNKNOWN')) {
    const word = cursor.next().key
    const operator = not ? 'IS DISTINCT FROM' : 'IS NOT DISTINCT FROM'
    return compound(left, `(${left.sql} ${operator} ${word === 'UNKNOWN' ? 'NULL' : word})`)
  }
  cursor.expect('DISTINCT', 'FROM')
  return compound(left, `(${left.sql} IS ${not}DISTINCT FROM ${concatenation(t).sql})`)
}

function concatenation(t: Translation): Fragment {
  let left = additive(t)
  while (t.cursor.accept('||')) left = compound(left, `(${left.sql} || ${additive(t).sql})`)
  return left
}

function additive(t: Translation): Fragment {
  let left = multiplicative(t)
  while (t.cursor.isOneOf('+', '-')) {
    const operator = t.cursor.next().key
    left = sum(left, operator, multiplicative(t))
  }
  return left
}

/** A date plus an interval is a timestamp in DuckDB; in our dialects it stays what it was. */
function sum(left: Fragment, operator: string, right: Fragment): Fragment {
  const text = `(${left.sql} ${operator} ${right.sql})`
  if (left.kind === 'interval' && right.kind === 'interval') return { at: left.at, sql: text, kind: 'interval' }
  const moved = right.kind === 'interval' ? left : left.kind === 'interval' ? right : undefined
  if (!moved) {
    if (operator === '-' && left.kind === 'date' && right.kind === 'date')
      return { at: left.at, sql: `to_days(CAST(${text} AS INTEGER))` }
    return compound(left, text)
  }
  return {
    at: left.at,
    sql: `cast_to_type(${text}, ${moved.sql})`,
    ...(moved.kind === 'date' ? { kind: 'date' as const } : {}),
  }
}

function multiplicative(t: Translation): Fragment {
  let left = unary(t)
  while (t.cursor.isOneOf('*', '/', '%')) {
    const operator = t.cursor.next().key
    const right = unary(t)
    if (operator === '/') left = compound(left, t.dialect.divide(left.sql, right.sql))
    else if (operator === '%') left = compound(left, t.dialect.modulo(left.sql, right.sql))
    else
      left = {
        at: left.at,
        sql: `(${left.sql} * ${right.sql})`,
        ...(left.kind === 'interval' || right.kind === 'interval' ? { kind: 'interval' as const } : {}),
      }
  }
  return left
}

function unary(t: Translation): Fragment {
  const at = t.cursor.peek()
  if (t.cursor.accept('-')) {
    const value = unary(t)
    if (value.literal?.kind === 'number')
      return { at, sql: `(-${value.sql})`, literal: { kind: 'number', text: `-${value.literal.text}` } }
    return { at, sql: `(-${value.sql})`, ...(value.kind === 'interval' ? { kind: value.kind } : {}) }
  }
  if (t.cursor.accept('+')) return unary(t)
  return postfix(t)
}

function postfix(t: Translation): Fragment {
  const { cursor, dialect } = t
  let value = primary(t)
  for (;;) {
    if (cursor.is('[')) {
      cursor.next()
      const index = expression(t)
      cursor.expect(']')
      value = { at: value.at, sql: dialect.subscript(value, index, t) }
    } else if (cursor.accept('::')) {
      const type = dialect.readType(t)
      value = {
        at: value.at,
        sql: dialect.cast(value, type, false),
        ...(type.base === 'date' ? { kind: 'date' as const } : {}),
      }
    } else if (cursor.is('.') && (cursor.peek(1).kind === 'word' || cursor.peek(1).kind === 'quoted')) {
      cursor.next()
      const field = cursor.name().text.toLowerCase()
      value = { at: value.at, sql: `(${value.sql}).${quoteName(field)}`, column: field }
    } else if (cursor.is('AT') && cursor.peek(1).key === 'TIME') {
      cursor.expect('AT', 'TIME', 'ZONE')
      value = { at: value.at, sql: `(${value.sql} AT TIME ZONE ${primary(t).sql})` }
    } else return value
  }
}

function primary(t: Translation): Fragment {
  const at = t.cursor.peek()
  switch (at.kind) {
    case 'number':
      t.cursor.next()
      return { at, sql: at.text, literal: { kind: 'number', text: at.text } }
    case 'string':
      t.cursor.next()
      return { at, sql: quoteText(at.text), literal: { kind: 'string', text: at.text } }
    case 'binary':
      t.cursor.next()
      return { at, sql: `unhex('${at.text}')` }
    case 'parameter':
      t.cursor.next()
      return { at, sql: t.parameters(at) }
    case 'quoted':
      return columnReference(t)
    case 'word':
      return word(t, at)
    default:
      if (t.cursor.accept('?')) return { at, sql: t.parameters(at) }
      if (t.cursor.is('(')) return parenthesised(t, at)
      throw t.cursor.mismatch('<expression>')
  }
}

function parenthesised(t: Translation, at: Token): Fragment {
  if (startsQuery(t, 1)) return { at, sql: subquery(t) }
  t.cursor.expect('(')
  const names = t.cursor.is(')') ? [] : lambdaHead(t)
  if (names || t.cursor.is(')')) return lambda(t, at, names ?? [])
  const items = t.cursor.list(() => expression(t))
  t.cursor.expect(')')
  const [only] = items
  if (items.length === 1 && only) return { ...only, at, sql: `(${only.sql})` }
  return rowOf(at, items)
}

/** `(x, y) ->`: the names, when that is what stands here. */
function lambdaHead(t: Translation): string[] | undefined {
  const names: string[] = []
  let ahead = 0
  for (;;) {
    const token = t.cursor.peek(ahead)
    if (token.kind !== 'word' && token.kind !== 'quoted') return undefined
    names.push(token.text.toLowerCase())
    ahead++
    if (t.cursor.peek(ahead).key === ',') ahead++
    else break
  }
  if (t.cursor.peek(ahead).key !== ')' || t.cursor.peek(ahead + 1).key !== '->') return undefined
  for (let i = 0; i < ahead; i++) t.cursor.next()
  return names
}

function lambda(t: Translation, at: Token, names: string[]): Fragment {
  t.cursor.accept(')')
  t.cursor.expect('->')
  const outer = t.lambdaNames
  t.lambdaNames = [...outer, ...names]
  const body = expression(t)
  t.lambdaNames = outer
  return { at, kind: 'lambda', sql: `lambda ${names.map(quoteName).join(', ')}: ${body.sql}` }
}

function word(t: Translation, at: Token): Fragment {
  const { cursor, dialect } = t
  const following = cursor.peek(1)
  if (following.key === '->') {
    cursor.next()
    return lambda(t, at, [at.text.toLowerCase()])
  }
  if (following.kind === 'string') {
    if (at.key === 'INTERVAL') return interval(t)
    const text = dialect.typedLiteral(at.text.toLowerCase(), following.text, at)
    if (text !== undefined) {
      cursor.next()
      cursor.next()
      return { at, sql: text, ...(at.key === 'DATE' ? { kind: 'date' as const } : {}) }
    }
  }
  if (at.key === 'INTERVAL' && (following.key === '-' || following.key === '+')) return interval(t)
  const special = specialForms[at.key]
  if (special && (following.key === '(' || !needsParenthesis.has(at.key))) return special(t, at)
  const keyword = dialect.keywords[at.key]
  if (keyword && following.key !== '(' && following.key !== '.') {
    cursor.next()
    return { at, sql: keyword(t), ...(at.key === 'CURRENT_DATE' ? { kind: 'date' as const } : {}) }
  }
  if (following.key === '(') return translateCall(t)
  return columnReference(t)
}

const needsParenthesis = new Set([
  'CAST',
  'TRY_CAST',
  'EXTRACT',
  'EXISTS',
  'ROW',
  'POSITION',
  'TRIM',
  'SUBSTRING',
  'TRY',
  'UNNEST',
  'CONVERT',
  'GROUPING',
])

const specialForms: Record<string, (t: Translation, at: Token) => Fragment> = {
  NULL: (t) => ({ at: t.cursor.next(), sql: 'NULL', literal: { kind: 'null', text: 'null' } }),
  TRUE: (t) => ({ at: t.cursor.next(), sql: 'TRUE' }),
  FALSE: (t) => ({ at: t.cursor.next(), sql: 'FALSE' }),
  CASE: caseExpression,
  CAST: (t, at) => castExpression(t, at, false),
  TRY_CAST: (t, at) => castExpression(t, at, true),
  EXTRACT: extract,
  EXISTS: (t) => ({ at: t.cursor.next(), sql: `EXISTS ${subquery(t)}` }),
  ARRAY: array,
  ROW: row,
  POSITION: position,
  TRIM: trim,
  SUBSTRING: substring,
  TRY: (t, at) => {
    t.cursor.expect('TRY', '(')
    const value = expression(t)
    t.cursor.expect(')')
    return { at, sql: `TRY(${value.sql})` }
  },
}

function caseExpression(t: Translation, at: Token): Fragment {
  const { cursor } = t
  cursor.expect('CASE')
  const subject = cursor.is('WHEN') ? '' : ` ${expression(t).sql}`
  let sql = `CASE${subject}`
  while (cursor.accept('WHEN')) {
    const condition = expression(t).sql
    cursor.expect('THEN')
    sql += ` WHEN ${condition} THEN ${expression(t).sql}`
  }
  if (cursor.accept('ELSE')) sql += ` ELSE ${expression(t).sql}`
  cursor.expect('END')
  return { at, sql: `${sql} END` }
}

function castExpression(t: Translation, at: Token, safe: boolean): Fragment {
  t.cursor.next()
  t.cursor.expect('(')
  const value = expression(t)
  t.cursor.expect('AS')
  const type = t.dialect.readType(t)
  t.cursor.expect(')')
  return { at, sql: t.dialect.cast(value, type, safe), ...(type.base === 'date' ? { kind: 'date' as const } : {}) }
}

function extract(t: Translation, at: Token): Fragment {
  t.cursor.expect('EXTRACT', '(')
  const field = t.cursor.next()
  t.cursor.expect('FROM')
  const value = expression(t)
  t.cursor.expect(')')
  const part = t.dialect.dateParts[field.text.toLowerCase()]
  if (!part || value.kind === 'interval') throw notSupported(`EXTRACT(${field.text}) of this`, field)
  return { at, sql: part.replace('$1', value.sql) }
}

function array(t: Translation, at: Token): Fragment {
  t.cursor.expect('ARRAY')
  const close = t.cursor.is('(') ? ')' : ']'
  if (close === ')' && startsQuery(t, 1)) throw notSupported('ARRAY(SELECT ...)', at)
  if (!t.cursor.accept('[')) t.cursor.expect('(')
  const items = t.cursor.is(close) ? [] : t.cursor.list(() => expression(t))
  t.cursor.expect(close)
  return { at, sql: `[${items.map((item) => item.sql).join(', ')}]`, items }
}

function row(t: Translation, at: Token): Fragment {
  t.cursor.expect('ROW', '(')
  const items = t.cursor.list(() => expression(t))
  if (t.cursor.is('AS') || t.cursor.peek().kind === 'word') throw notSupported('ROW with named fields', t.cursor.peek())
  t.cursor.expect(')')
  return rowOf(at, items)
}

function rowOf(at: Token, items: Fragment[]): Fragment {
  return { at, kind: 'row', items, sql: `row(${items.map((item) => item.sql).join(', ')})` }
}

function position(t: Translation, at: Token): Fragment {
  t.cursor.expect('POSITION', '(')
  const needle = concatenation(t)
  t.cursor.expect('IN')
  const hay = concatenation(t)
  t.cursor.expect(')')
  return { at, sql: `instr(${hay.sql}, ${needle.sql})` }
}

function trim(t: Translation, at: Token): Fragment {
  t.cursor.expect('TRIM', '(')
  const side = t.cursor.isOneOf('LEADING', 'TRAILING', 'BOTH') ? t.cursor.next().key : 'BOTH'
  const name = { LEADING: 'ltrim', TRAILING: 'rtrim', BOTH: 'trim' }[side] as string
  const first = t.cursor.is('FROM') ? undefined : expression(t)
  let sql = `${name}(${first?.sql})`
  if (t.cursor.accept('FROM')) sql = `${name}(${expression(t).sql}${first ? `, ${first.sql}` : ''})`
  else if (first && t.cursor.accept(',')) sql = `${name}(${first.sql}, ${expression(t).sql})`
  t.cursor.expect(')')
  return { at, sql }
}

function substring(t: Translation, at: Token): Fragment {
  t.cursor.expect('SUBSTRING', '(')
  const args = [expression(t).sql]
  if (t.cursor.accept('FROM')) {
    args.push(expression(t).sql)
    if (t.cursor.accept('FOR')) args.push(expression(t).sql)
  } else while (t.cursor.accept(',')) args.push(expression(t).sql)
  t.cursor.expect(')')
  return { at, sql: `igp_substr${args.length}(${args.join(', ')})` }
}

/** `a`, `t.a`, `db.t.a`, `a.field`: DuckDB resolves them as our dialects do. Unquoted and quoted names ignore case. */
function columnReference(t: Translation): Fragment {
  const at = t.cursor.name()
  const path = [at.text.toLowerCase()]
  while (t.cursor.is('.') && t.cursor.peek(1).key !== '*' && ['word', 'quoted'].includes(t.cursor.peek(1).kind)) {
    t.cursor.next()
    path.push(t.cursor.name().text.toLowerCase())
  }
  return { at, column: path[path.length - 1] as string, sql: path.map(quoteName).join('.') }
}

export function startsQuery(t: Translation, ahead = 0): boolean {
  let at = ahead
  while (t.cursor.peek(at).key === '(') at++
  if (ahead > 0 && t.cursor.peek(0).key !== '(') return false
  return ['SELECT', 'WITH', 'VALUES', 'TABLE'].includes(t.cursor.peek(at).key) && t.cursor.peek(at).kind === 'word'
}

export function subquery(t: Translation): string {
  t.cursor.expect('(')
  const query = translateQuery(t)
  t.cursor.expect(')')
  return `(${query})`
}

function compound(left: Fragment, sql: string): Fragment {
  return { at: left.at, sql }
}
