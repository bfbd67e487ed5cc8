/** Function calls: which function, its arguments' types, lambdas, and what an aggregate or a window adds. */
import type { Call, Expression } from './ast.ts'
import { coerce } from './coercion.ts'
import type { Environment } from './compilation.ts'
import { condition, environment } from './expressions.ts'
import { functionNamed, isAbsent, type KnownFunction } from './functions/registry.ts'
import type { CallContext, ResultType } from './functions/table.ts'
import { comparable } from './operators.ts'
import { directed } from './ordering.ts'
import { instantiate, isLambda, type Resolved, resolveSignature, signatureText, unify } from './signatures.ts'
import { specialCall } from './specialCalls.ts'
import { isComparable, isOrderable, type SqlType, typeName } from './sqlTypes.ts'
import { refused, trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'
import { windowSql } from './windows.ts'

export function aggregateOrCall(call: Call, env: Environment): Typed {
  const special = specialCall(call, env)
  if (special) return special
  const known = functionNamed(call.name)
  if (!known && isAbsent(call.name)) throw refused(`The function ${call.name}`, call.at)
  if (!known) throw trinoError('FUNCTION_NOT_FOUND', `Function '${call.name}' not registered`, call.at)
  checkModifiers(call, known)
  return known.kind === 'scalar' ? scalarCall(call, known, env) : aggregateCall(call, known, env)
}

function checkModifiers(call: Call, known: KnownFunction): void {
  if (known.kind === 'window' && !call.over)
    throw trinoError('MISSING_OVER', `Window function ${call.name} requires an OVER clause`, call.at)
  if (known.kind === 'scalar') {
    if (call.over) throw trinoError('FUNCTION_NOT_WINDOW', `Function ${call.name} is not a window function`, call.at)
    if (call.distinct)
      throw trinoError('FUNCTION_NOT_AGGREGATE', `DISTINCT is not supported for non-aggregation functions`, call.at)
    if (call.filter)
      throw trinoError('FUNCTION_NOT_AGGREGATE', `Filter is only valid for aggregation functions`, call.at)
    if (call.orderBy.length > 0)
      throw trinoError('FUNCTION_NOT_AGGREGATE', `ORDER BY is only valid for aggregation functions`, call.at)
  }
  if (call.over && call.filter && known.kind !== 'scalar')
    throw trinoError('NOT_SUPPORTED', 'Window function with FILTER is not supported', call.at)
  if (call.over && call.distinct)
    throw trinoError('NOT_SUPPORTED', 'DISTINCT in window function parameters not yet supported', call.at)
  if (call.over && call.orderBy.length > 0 && call.name !== 'listagg')
    throw trinoError('NOT_SUPPORTED', 'Window function with ORDER BY is not supported', call.at)
}

function scalarCall(call: Call, known: KnownFunction, env: Environment): Typed {
  const { args, context, text } = resolvedCall(call, known, env)
  return compound(
    fill(
      text,
      args.map((arg) => arg.sql),
      context,
    ),
    context.type,
    args,
    call.at,
  )
}

interface ResolvedCall {
  args: Typed[]
  context: CallContext
  text: KnownFunction['lines'][number]['text']
}

function resolvedCall(call: Call, known: KnownFunction, env: Environment): ResolvedCall {
  const compiled = call.args.map((arg) => (isLambda(arg) ? undefined : env.compile(arg)))
  const line = chosenLine(call, known, compiled)
  const args: Typed[] = []
  for (const [i, node] of call.args.entries()) {
    const arg = compiled[i]
    if (arg) args.push(coerce(arg, line.resolved.wanted[i] as SqlType))
    else args.push(lambda(node as Extract<Expression, { kind: 'lambda' }>, line.resolved, { index: i, env, call }))
  }
  const given = compiled.map((arg, i) => (arg ?? (args[i] as Typed)).type)
  const type = line.result?.(given) ?? instantiate(line.resolved.signature.result, line.resolved.bindings)
  if (!type) throw trinoError('FUNCTION_NOT_FOUND', `Unexpected parameters for function ${call.name}`, call.at)
  const context = {
    call,
    args: compiled.map((arg, i) => arg ?? (args[i] as Typed)),
    type,
    bound: line.resolved.bindings.types,
  }
  return { args, context, text: line.text }
}

function chosenLine(
  call: Call,
  known: KnownFunction,
  args: readonly (Typed | undefined)[],
): { resolved: Resolved; text: ResolvedCall['text']; result?: ResultType } {
  const resolved =
    call.star && call.name !== 'count'
      ? undefined
      : resolveSignature(
          known.lines.map(({ signature }) => signature),
          args,
        )
  const line = known.lines.find(({ signature }) => signature === resolved?.signature)
  if (resolved && line) return { resolved, text: line.text, ...(line.result && { result: line.result }) }
  const types = call.star ? '*' : args.map((arg) => (arg ? typeName(arg.type) : '<function>')).join(', ')
  const expected = known.lines
    .map((one) => signatureText(one.source, call))
    .toSorted()
    .join(', ')
  throw trinoError(
    'FUNCTION_NOT_FOUND',
    `Unexpected parameters (${types}) for function ${call.name}. Expected: ${expected}`,
    call.at,
  )
}

/** A lambda, now that its parameters' types are known; what it gives may bind a letter more. */
function lambda(
  node: Extract<Expression, { kind: 'lambda' }>,
  resolved: Resolved,
  { index, env, call }: { index: number; env: Environment; call: Call },
): Typed {
  const pattern = resolved.signature.parameters[Math.min(index, resolved.signature.parameters.length - 1)]
  const wanted = pattern && instantiate(pattern, resolved.bindings)
  if (!pattern || wanted?.kind !== 'function')
    throw trinoError('FUNCTION_NOT_FOUND', `Unexpected parameters for function ${call.name}`, node.at)
  if (wanted.parameters.length !== node.parameters.length) {
    throw trinoError(
      'INVALID_PARAMETER_USAGE',
      `Expected a lambda that takes ${wanted.parameters.length} argument(s) but got ${node.parameters.length}`,
      node.at,
    )
  }
  const names = node.parameters.map(() => env.c.newName())
  const lambdas = new Map(env.lambdas)
  for (const [i, parameter] of node.parameters.entries()) {
    lambdas.set(parameter.text.toLowerCase(), { sql: names[i] as string, type: wanted.parameters[i] as SqlType })
  }
  let body = environment({ ...env, lambdas }).compile(node.body)
  const misplaced = body.aggregate ?? body.window
  if (misplaced)
    throw trinoError(
      'EXPRESSION_NOT_SCALAR',
      `Lambda expression cannot contain aggregations, window functions or grouping operations: [${misplaced.text}]`,
      node.at,
    )
  const last = pattern.types[pattern.types.length - 1]?.type
  const before = last && instantiate(last, resolved.bindings)
  if (last && !unify(last, body.type, resolved.bindings)) {
    throw typeMismatch(`Unexpected lambda result type ${typeName(body.type)}`, node.body.at)
  }
  const result = last && instantiate(last, resolved.bindings)
  // Where the result's type was known before, the body becomes it (`filter` wants a boolean).
  body = coerce(body, result ?? before ?? body.type)
  const list = names.length === 1 ? names[0] : `(${names.join(', ')})`
  return {
    ...body,
    sql: names.length === 0 ? body.sql : `lambda ${list?.replace(/[()]/g, '')}: ${body.sql}`,
    at: node.at,
  }
}

export function fill(
  text: ResolvedCall['text'],
  args: readonly string[],
  context: CallContext,
  inBraces: (inside: string) => string = (inside) => `(${inside})`,
): string {
  if (typeof text === 'function') return braces(text(args, context), inBraces)
  const filled = text.replace(/\$(\*|\d)/g, (_, n: string) =>
    n === '*' ? args.join(', ') : (args[Number(n) - 1] ?? ''),
  )
  return braces(filled, inBraces)
}

/** `name{…}` is the aggregate's own call. Braces of a lambda's struct or of JSON text do not follow a name. */
function braces(text: string, inBraces: (inside: string) => string): string {
  let start = -1
  let depth = 0
  let quote = ''
  for (let i = 0; i < text.length; i++) {
    const char = text[i] as string
    // What the user wrote, a text or a quoted name, may hold any of these.
    if (quote !== '') {
      if (char === quote) quote = ''
    } else if (char === "'" || char === '"') quote = char
    else if (start < 0) {
      if (char === '{' && /[a-z_0-9]/.test(text[i - 1] ?? '')) [start, depth] = [i, 1]
    } else if (char === '{') depth++
    else if (char === '}' && --depth === 0) {
      return text.slice(0, start) + inBraces(text.slice(start + 1, i)) + braces(text.slice(i + 1), inBraces)
    }
  }
  return text
}

function aggregateCall(call: Call, known: KnownFunction, env: Environment): Typed {
  // Inside an aggregate every column of the grouped relation may stand.
  const inner = environment({ ...env, scope: ungrouped(env), aggregate: { name: call.name, at: call.at } })
  const argumentEnv = call.over ? env : inner
  if (!call.over && env.aggregate) {
    throw trinoError(
      'NESTED_AGGREGATION',
      `Cannot nest aggregations inside aggregation '${env.aggregate.name}': [${call.name}]`,
      call.at,
    )
  }
  const { args, context, text } = resolvedCall(call, known, argumentEnv)
  if (call.distinct) checkDistinct(args, call)
  const nestedWindow = args.find((arg) => arg.window)?.window
  if (nestedWindow)
    throw trinoError(
      'NESTED_WINDOW',
      `Cannot nest window functions or row pattern measures inside ${call.over ? 'window function arguments' : `aggregation '${call.name}'`}`,
      nestedWindow,
    )
  const filter = call.filter && condition(inner.compile(call.filter), 'Filter expression')
  const over = call.over ? windowSql(call.over, env) : undefined
  const order = call.orderBy.length > 0 ? ` ORDER BY ${sortList(call, args, inner)}` : ''
  const nulls = call.ignoreNulls ? ' IGNORE NULLS' : ''
  const inBraces = (inside: string) =>
    `(${call.distinct ? 'DISTINCT ' : ''}${inside}${order}${nulls})${filter ? ` FILTER (WHERE ${filter.sql})` : ''}${over ? ` OVER ${over.sql}` : ''}`
  const sql = fill(
    text,
    args.map((arg) => arg.sql),
    context,
    inBraces,
  )
  if (call.over) return { ...compound(sql, context.type, [...args, ...(over?.parts ?? [])], call.at), window: call.at }
  return { sql, type: context.type, at: call.at, aggregate: call.at }
}

function ungrouped(env: Environment): Environment['scope'] {
  const scope = Object.create(env.scope, { grouping: { value: undefined, writable: true } }) as Environment['scope']
  return scope
}

function checkDistinct(args: readonly Typed[], call: Call): void {
  const wrong = args.find((arg) => !isComparable(arg.type))
  if (wrong)
    throw typeMismatch(`DISTINCT can only be applied to comparable types (actual: ${typeName(wrong.type)})`, call.at)
}

function sortList(call: Call, args: readonly Typed[], env: Environment): string {
  return call.orderBy
    .map((item) => {
      const value = env.compile(item.value)
      if (!isOrderable(value.type))
        throw typeMismatch(`ORDER BY can only be applied to orderable types (actual: ${typeName(value.type)})`, item.at)
      const isArgument = args.some((arg) => arg.sql === value.sql)
      if (call.distinct && !isArgument)
        throw trinoError(
          'EXPRESSION_NOT_IN_DISTINCT',
          'For aggregate function with DISTINCT, ORDER BY expressions must appear in arguments',
          item.at,
        )
      return directed(comparable(value.sql, value.type), item)
    })
    .join(', ')
}
