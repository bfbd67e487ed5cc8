/** Calls: arguments, DISTINCT, ORDER BY, FILTER, WITHIN GROUP, OVER; then the dialect's rule says how DuckDB writes it. */

import { notSupported, SqlError } from '../sqlError.ts'
import type { Fragment, FunctionCall, FunctionRule, Translation } from './dialect.ts'
import { expression } from './expressions.ts'
import { orderBy } from './queries.ts'

export function translateCall(t: Translation): Fragment {
  const call = readCall(t)
  const rule = Object.hasOwn(t.dialect.functions, call.name) ? t.dialect.functions[call.name] : undefined
  if (rule === undefined) throw notRegistered(call)
  return { at: call.at, sql: applyRule(rule, call, t) }
}

export function applyRule(rule: FunctionRule, call: FunctionCall, t: Translation): string {
  if (typeof rule === 'function') return rule(call, t)
  if (typeof rule === 'string') return fillTemplate(rule, call)
  const template = rule[call.args.length] ?? rule['*']
  if (template === undefined) throw wrongArguments(call)
  return fillTemplate(template, call)
}

/** `name{...}` is a call that takes the modifiers; without one in the template, modifiers are an error. */
export function fillTemplate(template: string, call: FunctionCall): string {
  const modified = call.distinct || call.orderBy || call.filter || call.over || call.ignoreNulls
  if (modified && !template.includes('{')) {
    throw new SqlError(
      `${place(call)} ${call.name} is not an aggregate or window function`,
      call.at,
      'FUNCTION_NOT_AGGREGATE',
    )
  }
  const all = call.star ? '*' : call.args.map((arg) => arg.sql).join(', ')
  const inside = (body: string) =>
    body.replace(/\$(\*|\d)/g, (_, n: string) => (n === '*' ? all : argument(call, Number(n))))
  let filled = ''
  for (const piece of template.split(/(\{[^{}]*\})/)) {
    if (!piece.startsWith('{')) filled += inside(piece)
    else {
      const distinct = call.distinct ? 'DISTINCT ' : ''
      const nulls = call.ignoreNulls ? ' IGNORE NULLS' : ''
      filled += `(${distinct}${inside(piece.slice(1, -1))}${call.orderBy}${nulls})${call.filter}${call.over}`
    }
  }
  return filled
}

function argument(call: FunctionCall, n: number): string {
  const arg = call.args[n - 1]
  if (!arg) throw wrongArguments(call)
  return arg.sql
}

function readCall(t: Translation): FunctionCall {
  const { cursor } = t
  const at = cursor.name()
  const call: FunctionCall = {
    name: at.text.toLowerCase(),
    at,
    args: [],
    distinct: false,
    star: false,
    orderBy: '',
    filter: '',
    over: '',
    ignoreNulls: false,
  }
  cursor.expect('(')
  if (cursor.accept('*')) call.star = true
  else if (!cursor.is(')')) {
    if (cursor.accept('DISTINCT')) call.distinct = true
    else cursor.accept('ALL')
    call.args = cursor.list(() => expression(t))
    if (cursor.is('ORDER')) call.orderBy = ` ${orderBy(t)}`
    if (cursor.is('ON', 'OVERFLOW')) throw notSupported('ON OVERFLOW', cursor.peek())
    acceptNulls(t, call)
  }
  cursor.expect(')')
  acceptNulls(t, call)
  readModifiers(t, call)
  return call
}

function acceptNulls(t: Translation, call: FunctionCall): void {
  if (t.cursor.accept('IGNORE', 'NULLS')) call.ignoreNulls = true
  else t.cursor.accept('RESPECT', 'NULLS')
}

function readModifiers(t: Translation, call: FunctionCall): void {
  const { cursor } = t
  if (cursor.is('WITHIN', 'GROUP')) {
    cursor.expect('WITHIN', 'GROUP', '(')
    call.orderBy = ` ${orderBy(t)}`
    cursor.expect(')')
  }
  if (cursor.is('FILTER', '(')) {
    cursor.expect('FILTER', '(', 'WHERE')
    call.filter = ` FILTER (WHERE ${expression(t).sql})`
    cursor.expect(')')
  }
  acceptNulls(t, call)
  if (cursor.accept('OVER')) call.over = ` OVER ${cursor.is('(') ? windowDefinition(t) : windowName(t)}`
}

function windowName(t: Translation): string {
  return `"${t.cursor.name().text.toLowerCase().replaceAll('"', '""')}"`
}

export function windowDefinition(t: Translation): string {
  const { cursor } = t
  cursor.expect('(')
  const parts: string[] = []
  if (!cursor.isOneOf('PARTITION', 'ORDER', 'ROWS', 'RANGE', 'GROUPS', ')')) parts.push(windowName(t))
  if (cursor.accept('PARTITION', 'BY')) parts.push(`PARTITION BY ${cursor.list(() => expression(t).sql).join(', ')}`)
  if (cursor.is('ORDER')) parts.push(orderBy(t))
  if (cursor.isOneOf('ROWS', 'RANGE', 'GROUPS')) parts.push(frame(t))
  cursor.expect(')')
  return `(${parts.join(' ')})`
}

function frame(t: Translation): string {
  const { cursor } = t
  const unit = cursor.next().key
  if (!cursor.accept('BETWEEN')) return `${unit} ${bound(t)}`
  const low = bound(t)
  cursor.expect('AND')
  return `${unit} BETWEEN ${low} AND ${bound(t)}`
}

function bound(t: Translation): string {
  const { cursor } = t
  if (cursor.accept('CURRENT', 'ROW')) return 'CURRENT ROW'
  const value = cursor.accept('UNBOUNDED') ? 'UNBOUNDED' : expression(t).sql
  if (!cursor.isOneOf('PRECEDING', 'FOLLOWING')) throw cursor.mismatch('PRECEDING or FOLLOWING')
  return `${value} ${cursor.next().key}`
}

function notRegistered(call: FunctionCall): SqlError {
  return new SqlError(
    `${place(call)} Function '${call.name}' not registered, or not supported by the embedded SQL engine`,
    call.at,
    'FUNCTION_NOT_FOUND',
  )
}

export function wrongArguments(call: FunctionCall): SqlError {
  return new SqlError(
    `${place(call)} Unexpected parameters (${call.args.length}) for function ${call.name}, or a form that is not supported by the embedded SQL engine`,
    call.at,
    'FUNCTION_NOT_FOUND',
  )
}

export function place(call: { at: { line: number; column: number } }): string {
  return `line ${call.at.line}:${call.at.column}:`
}
