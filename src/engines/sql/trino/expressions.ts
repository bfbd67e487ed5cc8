/** From an expression's tree to DuckDB's text with its type. Each kind of node has one function. */
import { SqlError } from '../sqlError.ts'
import type { Token } from '../tokens.ts'
import type { Expression } from './ast.ts'
import { aggregateOrCall } from './calls.ts'
import { castSql, checkCast } from './casts.ts'
import { coerce, commonType, isCoercible } from './coercion.ts'
import type { Environment } from './compilation.ts'
import { currentMoment, extractField, shiftZone } from './dateExpressions.ts'
import { intervalLiteral } from './intervals.ts'
import { compileJson } from './jsonExpressions.ts'
import { simpleLiteral, typedLiteral } from './literals.ts'
import { compileName } from './names.ts'
import { arithmetic, comparable, compare, concatenate, isDistinct, negate } from './operators.ts'
import {
  arrayOf,
  bigint,
  boolean,
  isInteger,
  isText,
  rowOf,
  type SqlType,
  typeName,
  unknown,
  varchar,
} from './sqlTypes.ts'
import { compileSubquery, existsQuery, inQuery, quantifiedQuery } from './subqueries.ts'
import { trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'
import { typeOf } from './typeNodes.ts'

export function environment(base: Omit<Environment, 'compile'>): Environment {
  const env: Environment = { ...base, compile: (node) => compileExpression(node, env) }
  return env
}

function compileExpression(node: Expression, env: Environment): Typed {
  const typed = compileNode(node, env)
  // An expression that GROUP BY names is as good as a column of it.
  if (typed.loose && env.scope.grouping?.has(typed.sql)) {
    const { loose: _, ...covered } = typed
    return covered
  }
  return typed
}

function compileNode(node: Expression, env: Environment): Typed {
  const literal = simpleLiteral(node)
  if (literal) return literal
  switch (node.kind) {
    case 'typed':
      return typedLiteral(node)
    case 'interval':
      return intervalLiteral(node)
    case 'parameter':
      return parameter(node.at, env)
    case 'name':
    case 'field':
      return compileName(node, env)
    case 'call':
      return aggregateOrCall(node.call, env)
    case 'subscript':
      return subscript(env.compile(node.base), env.compile(node.index), node.at)
    case 'case':
      return caseExpression(node, env)
    case 'cast':
      return castExpression(node, env)
    case 'row':
      return row(node.items.map(env.compile), node.at)
    case 'array':
      return array(node.items.map(env.compile), node.at)
    case 'lambda':
      throw trinoError('SYNTAX_ERROR', 'Lambda expression should always be used inside a function', node.at)
    case 'atTimeZone':
      return shiftZone(env.compile(node.value), env.compile(node.zone), node.at)
    case 'extract':
      return extractField(node.field, env.compile(node.value), node.at)
    case 'now':
      return currentMoment(node, env)
    case 'jsonPath':
    case 'jsonObject':
    case 'jsonArray':
      return compileJson(node, env)
    case 'subquery':
      return compileSubquery(node, env)
    case 'exists':
      return existsQuery(node, env)
    case 'inQuery':
      return inQuery(node, env)
    case 'quantified':
      return quantifiedQuery(node, env)
    default:
      return operation(node, env)
  }
}

type Operation = Extract<
  Expression,
  {
    kind: 'unary' | 'arithmetic' | 'logical' | 'comparison' | 'distinctFrom' | 'isNull' | 'between' | 'inList' | 'like'
  }
>

function operation(node: Expression, env: Environment): Typed {
  const { at } = node
  switch (node.kind as Operation['kind']) {
    case 'unary':
      return unary(node as Extract<Operation, { kind: 'unary' }>, env)
    case 'arithmetic': {
      const { operator, left, right } = node as Extract<Operation, { kind: 'arithmetic' }>
      const [a, b] = [env.compile(left), env.compile(right)]
      return operator === '||' ? concatenate(a, b, at) : arithmetic(operator, a, b, at)
    }
    case 'logical':
      return logical(node as Extract<Operation, { kind: 'logical' }>, env)
    case 'comparison': {
      const { operator, left, right } = node as Extract<Operation, { kind: 'comparison' }>
      return compare(operator, env.compile(left), env.compile(right), at)
    }
    case 'distinctFrom': {
      const { left, right, negated } = node as Extract<Operation, { kind: 'distinctFrom' }>
      const distinct = isDistinct(env.compile(left), env.compile(right), at)
      return negated ? { ...distinct, sql: `(NOT ${distinct.sql})` } : distinct
    }
    case 'isNull': {
      const { value, negated } = node as Extract<Operation, { kind: 'isNull' }>
      const typed = env.compile(value)
      return compound(`(${typed.sql} IS ${negated ? 'NOT ' : ''}NULL)`, boolean, [typed], at)
    }
    case 'between':
      return between(node as Extract<Operation, { kind: 'between' }>, env)
    case 'inList':
      return inList(node as Extract<Operation, { kind: 'inList' }>, env)
    case 'like':
      return like(node as Extract<Operation, { kind: 'like' }>, env)
  }
}

/** An EXECUTE's or the request's parameter: a literal expression of its own. */
function parameter(at: Token, env: Environment): Typed {
  const value = env.c.parameters[env.c.parameterStarts.indexOf(at.start)]
  if (!value) {
    const wanted = env.c.parameterStarts.length
    throw trinoError(
      'INVALID_PARAMETER_USAGE',
      `Incorrect number of parameters: expected ${wanted} but found ${env.c.parameters.length}`,
      at,
    )
  }
  return { ...env.compile(value), at }
}

function unary(node: Extract<Operation, { kind: 'unary' }>, env: Environment): Typed {
  const value = env.compile(node.value)
  if (node.operator === '-') return negate(value, node.at)
  if (node.operator === '+') return value
  return compound(`(NOT ${condition(value, 'Value of logical NOT expression').sql})`, boolean, [value], node.at)
}

/** A boolean within an expression. Errors: TYPE_MISMATCH. */
export const condition = (value: Typed, what: string) =>
  mustBeBoolean(value, `${what} must evaluate to a boolean (actual: ${typeName(value.type)})`)

/** A boolean that a clause is. Errors: TYPE_MISMATCH, which Trino words otherwise. */
export const clause = (value: Typed, what: string) =>
  mustBeBoolean(value, `${what} must evaluate to a boolean: actual type ${typeName(value.type)}`)

function mustBeBoolean(value: Typed, complaint: string): Typed {
  if (value.type.kind === 'boolean' || value.type.kind === 'unknown') return coerce(value, boolean)
  throw typeMismatch(complaint, value.at)
}

function logical(node: Extract<Operation, { kind: 'logical' }>, env: Environment): Typed {
  const [left, right] = [node.left, node.right].map((side) =>
    condition(env.compile(side), `Logical expression term`),
  ) as [Typed, Typed]
  return compound(`(${left.sql} ${node.operator} ${right.sql})`, boolean, [left, right], node.at)
}

function between(node: Extract<Operation, { kind: 'between' }>, env: Environment): Typed {
  const [value, low, high] = [node.value, node.low, node.high].map(env.compile) as [Typed, Typed, Typed]
  const from = commonType(value.type, low.type)
  const type = from && commonType(from, high.type)
  if (!type)
    throw typeMismatch(
      `Cannot check if ${typeName(value.type)} is BETWEEN ${typeName(low.type)} and ${typeName(high.type)}`,
      node.at,
    )
  const [a, b, c] = [value, low, high].map((side) => coerce(side, type)) as [Typed, Typed, Typed]
  const sql = `(${compare('>=', a, b, node.at).sql} AND ${compare('<=', a, c, node.at).sql})`
  return compound(node.negated ? `(NOT ${sql})` : sql, boolean, [value, low, high], node.at)
}

function inList(node: Extract<Operation, { kind: 'inList' }>, env: Environment): Typed {
  const value = env.compile(node.value)
  const items = node.items.map(env.compile)
  const type = unified([value, ...items], 'IN value and list items')
  const parts = [value, ...items]
  const [first, ...rest] = parts.map((part) => coerce(part, type)) as [Typed, ...Typed[]]
  if (type.kind === 'row' || type.kind === 'array' || type.kind === 'double' || type.kind === 'real') {
    const any = rest.map((item) => compare('=', first, item, node.at).sql).join(' OR ')
    return compound(node.negated ? `(NOT (${any}))` : `(${any})`, boolean, parts, node.at)
  }
  const list = rest.map((item) => comparable(item.sql, type)).join(', ')
  return compound(`(${comparable(first.sql, type)} ${node.negated ? 'NOT ' : ''}IN (${list}))`, boolean, parts, node.at)
}

function like(node: Extract<Operation, { kind: 'like' }>, env: Environment): Typed {
  const value = env.compile(node.value)
  const pattern = env.compile(node.pattern)
  const lead = node.escape && env.compile(node.escape)
  for (const [part, what] of [
    [value, 'Left side of LIKE expression'],
    [pattern, 'Pattern for LIKE expression'],
    [lead, 'Escape for LIKE expression'],
  ] as const) {
    if (part && !isText(part.type) && part.type.kind !== 'unknown')
      throw typeMismatch(`${what} must evaluate to a varchar (actual: ${typeName(part.type)})`, part.at)
  }
  const text = (part: Typed) => coerce(part, varchar()).sql
  const parts = [value, pattern, lead]
  const not = node.negated ? 'NOT ' : ''
  if (lead)
    return compound(`(${not}igp_like(${text(value)}, ${text(pattern)}, ${text(lead)}))`, boolean, parts, node.at)
  return compound(`(${text(value)} ${not}LIKE ${text(pattern)})`, boolean, parts, node.at)
}

function caseExpression(node: Extract<Expression, { kind: 'case' }>, env: Environment): Typed {
  const operand = node.operand && env.compile(node.operand)
  const branches = node.branches.map((branch) => ({
    when: env.compile(branch.when),
    result: env.compile(branch.result),
  }))
  const otherwise = node.otherwise && env.compile(node.otherwise)
  const results = [...branches.map(({ result }) => result), ...(otherwise ? [otherwise] : [])]
  const type = unified(results, 'All CASE results')
  const parts = [operand, otherwise, ...branches.flatMap(({ when, result }) => [when, result])]
  const arms = branches.map(({ when, result }) => {
    if (operand && !commonType(operand.type, when.type)) {
      throw typeMismatch(
        `CASE operand type does not match WHEN clause operand type: ${typeName(operand.type)} vs ${typeName(when.type)}`,
        when.at,
      )
    }
    const test = operand ? compare('=', operand, when, when.at) : condition(when, 'CASE WHEN clause')
    return `WHEN ${test.sql} THEN ${coerce(result, type).sql}`
  })
  return compound(
    `CASE ${arms.join(' ')}${otherwise ? ` ELSE ${coerce(otherwise, type).sql}` : ''} END`,
    type,
    parts,
    node.at,
  )
}

/** The type that all values become. Errors: TYPE_MISMATCH. */
/** The type that all have in common. Errors: TYPE_MISMATCH at the first that has none with those before it. */
export function unified(values: readonly Typed[], what: string): SqlType {
  let type: SqlType = unknown
  for (const value of values) {
    const common = commonType(type, value.type)
    if (!common) throw noCommonType(values, type, value, what)
    type = common
  }
  return type
}

function noCommonType(values: readonly Typed[], so: SqlType, value: Typed, what: string) {
  const all = [...new Set(values.map((one) => typeName(one.type)))].join(', ')
  const between = `Cannot find common type between ${typeName(so)} and ${typeName(value.type)}`
  const words = `${what} must be the same type or coercible to a common type. ${between}`
  return typeMismatch(`${words}, all types (without duplicates): [${all}]`, value.at)
}

/** A CAST that names no type is told of at its own place. */
function castType(node: Extract<Expression, { kind: 'cast' }>): SqlType {
  try {
    return typeOf(node.type)
  } catch (error) {
    if (!(error instanceof SqlError && /Unknown type: /.test(error.message))) throw error
    throw typeMismatch(error.message.replace(/^line \d+:\d+: /, ''), node.at)
  }
}

function castExpression(node: Extract<Expression, { kind: 'cast' }>, env: Environment): Typed {
  const value = env.compile(node.value)
  const type = castType(node)
  checkCast(value.type, type, node.at)
  const sql = castSql(value, type)
  return compound(node.safe ? `TRY(${sql})` : sql, type, [value], node.at)
}

function row(items: readonly Typed[], at: Token): Typed {
  const type = rowOf(items.map((item) => ({ type: item.type })))
  const fields = items.map((item, i) => `f${i} := ${item.type.kind === 'unknown' ? 'CAST(NULL AS INTEGER)' : item.sql}`)
  return compound(`struct_pack(${fields.join(', ')})`, type, items, at)
}

function array(items: readonly Typed[], at: Token): Typed {
  const element = unified(items, 'All ARRAY elements')
  const list = items.map((item) => coerce(item, element).sql)
  if (list.length === 0) return { sql: 'CAST([] AS INTEGER[])', type: arrayOf(unknown), at }
  const sql = element.kind === 'unknown' ? `CAST([${list.join(', ')}] AS INTEGER[])` : `[${list.join(', ')}]`
  return compound(sql, arrayOf(element), items, at)
}

function subscript(base: Typed, index: Typed, at: Token): Typed {
  const { type } = base
  const parts = [base, index]
  if (type.kind === 'row') {
    const place = index.constant
    if (typeof place !== 'number' || !Number.isInteger(place))
      throw trinoError('INVALID_FUNCTION_ARGUMENT', 'Subscript expression on ROW requires a constant index', index.at)
    const field = type.fields[place - 1]
    if (place < 1)
      throw trinoError(
        'INVALID_FUNCTION_ARGUMENT',
        `Invalid subscript index: ${place}. ROW indices start at 1`,
        index.at,
      )
    if (!field)
      throw trinoError(
        'INVALID_FUNCTION_ARGUMENT',
        `Subscript index out of bounds: ${place}, max value is ${type.fields.length}`,
        index.at,
      )
    return compound(`(${base.sql}).f${place - 1}`, field.type, parts, at)
  }
  if (type.kind === 'array') {
    if (!isInteger(index.type) && index.type.kind !== 'unknown')
      throw typeMismatch(`Cannot use ${typeName(index.type)} for subscript of ${typeName(type)}`, index.at)
    return compound(`igp_list_at(${base.sql}, ${coerce(index, bigint).sql})`, type.element, parts, at)
  }
  if (type.kind !== 'map')
    throw typeMismatch(`Cannot use ${typeName(index.type)} for subscript of ${typeName(type)}`, at)
  if (!isCoercible(index.type, type.key))
    throw typeMismatch(`Cannot use ${typeName(index.type)} for subscript of ${typeName(type)}`, at)
  const key = coerce(index, type.key).sql
  return compound(
    `igp_map_at(${base.sql}, ${key}, ${castSql({ sql: key, type: type.key }, varchar())})`,
    type.value,
    parts,
    at,
  )
}
