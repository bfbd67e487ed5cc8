/** Expressions to SQL. In `stats`, functions over many events are allowed, and what is outside them must be grouped by. */
import { quoteText } from '../sql/cursor.ts'
import type { Expression, Query } from './ast.ts'
import { compareSql, inSql } from './comparisons.ts'
import type { ParameterType } from './functions/functionTable.ts'
import type { KnownFunction } from './functions/registry.ts'
import { functionNamed } from './functions/registry.ts'
import { InsightsError } from './insightsError.ts'
import { type Period, periodOf } from './periods.ts'
import { regexOf } from './regexes.ts'
import type { Scope } from './scope.ts'
import { booleanSql, doubleText, jsonSql, literalValue, numberSql, textSql, timeSql, type Value } from './values.ts'

export interface ExpressionContext {
  /** The query's text: an expression may be the name of a column, `sort count(*)`. */
  text: string
  now: number
  scope: Scope
  /** In `stats`: what it groups by. */
  groups?: readonly string[]
  isInAggregate?: boolean
  subquery(query: Query, field: string | undefined): string
}

export function labelOf({ start, end }: Expression, text: string): string {
  return text.slice(start, end).trim().replace(/\s+/g, ' ')
}

/** Errors: InsightsError. */
export function compileExpression(expression: Expression, context: ExpressionContext): Value {
  const literal = literalValue(expression)
  if (literal) return literal
  if (expression.kind === 'field') return fieldValue(expression, context)
  const known = context.isInAggregate ? undefined : context.scope.columns.get(labelOf(expression, context.text))
  if (known) return known
  const compile = (inner: Expression) => compileExpression(inner, context)
  switch (expression.kind) {
    case 'not':
      return { sql: `(NOT ${booleanSql(compile(expression.operand))})`, type: 'boolean' }
    case 'negative':
      return { sql: `(- ${numberSql(compile(expression.operand))})`, type: 'number' }
    case 'binary':
      return binaryValue(expression.operator, compile(expression.left), compile(expression.right))
    case 'like':
      return likeValue(expression, compile(expression.operand), context)
    case 'in': {
      const sql = inSql(compile(expression.operand), expression.items.map(compile))
      return { sql: expression.isNegated ? `(NOT ${sql})` : sql, type: 'boolean' }
    }
    case 'inQuery': {
      const { operand } = expression
      const rows = context.subquery(expression.query, operand.kind === 'field' ? operand.name : undefined)
      const not = expression.isNegated ? 'NOT ' : ''
      return { sql: `(${textSql(compile(operand))} ${not}IN (${rows}))`, type: 'boolean' }
    }
    case 'call':
      return callValue(expression, context)
    case 'period':
      throw new InsightsError('a period stands only in bin, datefloor and dateceil', expression)
    case 'regex':
      throw new InsightsError("a regular expression stands only after 'like', '=~' and in 'parse'", expression)
    default:
      throw new InsightsError('unexpected symbol found', expression)
  }
}

function fieldValue(field: Expression & { kind: 'field' }, { scope, groups, isInAggregate }: ExpressionContext): Value {
  if (groups && !isInAggregate && !groups.includes(field.name)) {
    throw new InsightsError(`'${field.name}' is neither in a function of stats nor in its 'by'`, field)
  }
  return scope.resolve(field)
}

function binaryValue(operator: string, left: Value, right: Value): Value {
  if (operator === 'and' || operator === 'or') {
    return { sql: `(${booleanSql(left)} ${operator.toUpperCase()} ${booleanSql(right)})`, type: 'boolean' }
  }
  const [one, other] = [numberSql(left), numberSql(right)]
  switch (operator) {
    case '+':
    case '-':
    case '*':
      return { sql: `(${one} ${operator} ${other})`, type: 'number' }
    case '/':
    case '%':
      return { sql: `(${one} ${operator} nullif(${other}, 0))`, type: 'number' }
    case '^':
      return { sql: `pow(${one}, ${other})`, type: 'number' }
  }
  return { sql: compareSql(operator as '=', left, right), type: 'boolean' }
}

function likeValue(
  { pattern, isNegated }: Expression & { kind: 'like' },
  operand: Value,
  context: ExpressionContext,
): Value {
  const sql = likeSql(pattern, textSql(operand), context)
  return { sql: isNegated ? `(NOT ${sql})` : sql, type: 'boolean' }
}

function likeSql(pattern: Expression, text: string, context: ExpressionContext): string {
  if (pattern.kind !== 'regex') return `contains(${text}, ${textSql(compileExpression(pattern, context))})`
  const { source, isForeign } = regexOf(pattern.source, pattern)
  return `${isForeign ? 'igp_regex_like' : 'regexp_matches'}(${text}, ${quoteText(source)})`
}

function callValue(call: Expression & { kind: 'call' }, context: ExpressionContext): Value {
  const known = functionNamed(call.name)
  if (!known) throw new InsightsError(`unknown function '${call.name}'`, call)
  if (known.isAggregate && (!context.groups || context.isInAggregate)) {
    throw new InsightsError(`'${call.name}' stands only in stats`, call)
  }
  const inner = known.isAggregate ? { ...context, isInAggregate: true } : context
  const args = call.args.filter(({ kind }) => kind !== 'star')
  checkArguments(call, known)
  const values: Value[] = []
  const periods: Period[] = []
  for (const arg of args) {
    if (arg.kind === 'period') periods.push(periodOf(arg.count, arg.unit, arg))
    else values.push(compileExpression(arg, inner))
  }
  const time = context.scope.time
  if (time === undefined && needsTime.has(known.signature.name)) {
    throw new InsightsError(`'${call.name}' needs @timestamp, which is not there after stats`, call)
  }
  const { sql, type } = argumentSql(values, known)
  const written =
    typeof known.sql === 'string'
      ? filled(known.sql, sql)
      : known.sql(sql, { now: context.now, time, periods, types: values.map((value) => value.type) })
  return { sql: `(${written})`, type: known.signature.result === 'any' ? type : known.signature.result }
}

const needsTime = new Set(['bin', 'earliest', 'latest'])

function checkArguments(call: Expression & { kind: 'call' }, { signature, isAggregate }: KnownFunction): void {
  const { parameters } = signature
  const least = parameters.filter(({ isOptional }) => !isOptional).length
  const most = parameters.some(({ isRepeated }) => isRepeated) ? Number.POSITIVE_INFINITY : parameters.length
  const hasStar = call.args[0]?.kind === 'star'
  if (hasStar && (signature.name !== 'count' || !isAggregate)) throw new InsightsError("'*' stands only in count", call)
  if (call.args.length < least || call.args.length > most) {
    throw new InsightsError(`invalid number of arguments for '${call.name}'`, call)
  }
  for (const [i, arg] of call.args.entries()) {
    const wanted = (parameters[i] ?? parameters[parameters.length - 1])?.type
    if ((wanted === 'period') !== (arg.kind === 'period')) {
      throw new InsightsError(wanted === 'period' ? "expected a period, such as '5m'" : 'unexpected period', arg)
    }
  }
}

/** Arguments of `any` type stay what they are where all are of one type, else they become text. */
function argumentSql(values: readonly Value[], { signature }: KnownFunction): { sql: string[]; type: Value['type'] } {
  const { parameters, result } = signature
  const wanted = parameters.filter(({ type }) => type !== 'period')
  const first = values[0]?.type ?? 'text'
  const type = values.every((value) => value.type === first) ? first : 'text'
  const sql = values.map((value, i) => {
    const parameter = wanted[i] ?? wanted[wanted.length - 1]
    if (parameter?.type !== 'any') return argument(value, parameter?.type)
    return result === 'any' && type !== 'text' ? value.sql : textSql(value)
  })
  return { sql, type }
}

function argument(value: Value, type: ParameterType = 'text'): string {
  if (type === 'number') return numberSql(value)
  if (type === 'timestamp') return timeSql(value)
  if (type === 'boolean') return booleanSql(value)
  return type === 'json' ? jsonSql(value) : textSql(value)
}

function filled(text: string, args: readonly string[]): string {
  const one = (_: string, number: string) => args[Number(number) - 1] ?? doubleText(0)
  return text.replace(/\$(\d)/g, one).replaceAll('$*', args.join(', '))
}
