/** Calls that are no functions to Trino, or whose types no signature can say: IF, COALESCE, TRY, TYPEOF, FORMAT, ZIP … */
import { quoteText } from '../cursor.ts'
import type { Call } from './ast.ts'
import { castSql, checkCast } from './casts.ts'
import { coerce, commonType } from './coercion.ts'
import type { Environment } from './compilation.ts'
import { currentMoment } from './dateExpressions.ts'
import { condition, unified } from './expressions.ts'
import { compare, concatenate } from './operators.ts'
import {
  arrayOf,
  bigint,
  duckType,
  integer,
  isText,
  rowOf,
  type SqlType,
  typeName,
  unknown,
  varchar,
} from './sqlTypes.ts'
import { trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'

type Special = (call: Call, env: Environment) => Typed

const specials: Record<string, Special> = {
  if: ifCall,
  coalesce: coalesceCall,
  nullif: nullifCall,
  try: tryCall,
  typeof: typeofCall,
  grouping: groupingCall,
  concat: concatCall,
  format: formatCall,
  zip: zipCall,
  now: (call, env) => currentMoment({ kind: 'now', at: call.at, what: 'current_timestamp' }, env),
  greatest: (call, env) => extremeCall(call, env, 'greatest'),
  least: (call, env) => extremeCall(call, env, 'least'),
}

/** Undefined: an ordinary function. */
export function specialCall(call: Call, env: Environment): Typed | undefined {
  const special = Object.hasOwn(specials, call.name) ? specials[call.name] : undefined
  if (special && !call.over) return special(call, env)
  return undefined
}

function compiled(call: Call, env: Environment): Typed[] {
  return call.args.map(env.compile)
}

function unexpected(call: Call, args: readonly Typed[], expected = '') {
  return trinoError(
    'FUNCTION_NOT_FOUND',
    `Unexpected parameters (${args.map((arg) => typeName(arg.type)).join(', ')}) for function ${call.name}${expected}`,
    call.at,
  )
}

function ifCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  const [test, then, otherwise] = args
  if (!test || !then || args.length > 3)
    throw trinoError('SYNTAX_ERROR', "Invalid number of arguments for 'if' function", call.at)
  const results = otherwise ? [then, otherwise] : [then]
  const type = otherwise ? commonType(then.type, otherwise.type) : then.type
  if (!type) {
    const types = results.map((result) => typeName(result.type)).join(' vs ')
    throw trinoError('TYPE_MISMATCH', `Result types for IF must be the same: ${types}`, call.at)
  }
  const [a, b] = results.map((result) => coerce(result, type).sql)
  return compound(
    `CASE WHEN ${condition(test, 'IF condition').sql} THEN ${a}${b === undefined ? '' : ` ELSE ${b}`} END`,
    type,
    args,
    call.at,
  )
}

function coalesceCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  if (args.length < 2)
    throw trinoError('SYNTAX_ERROR', "The 'coalesce' function must have at least two arguments", call.at)
  const type = unified(args, 'All COALESCE operands')
  return compound(`coalesce(${args.map((arg) => coerce(arg, type).sql).join(', ')})`, type, args, call.at)
}

function nullifCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  const [value, other] = args
  if (!value || !other || args.length > 2)
    throw trinoError('SYNTAX_ERROR', "Invalid number of arguments for 'nullif' function", call.at)
  if (!commonType(value.type, other.type))
    throw typeMismatch(
      `Types are not comparable with NULLIF: ${typeName(value.type)} vs ${typeName(other.type)}`,
      call.at,
    )
  return compound(
    `CASE WHEN ${compare('=', value, other, call.at).sql} THEN NULL ELSE ${value.sql} END`,
    value.type,
    args,
    call.at,
  )
}

function tryCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  const [value] = args
  if (!value || args.length > 1)
    throw trinoError('SYNTAX_ERROR', "The 'try' function must have exactly one argument", call.at)
  return compound(`TRY(${value.sql})`, value.type, args, call.at)
}

function typeofCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  const [value] = args
  if (!value || args.length > 1) throw unexpected(call, args)
  const name = quoteText(typeName(value.type))
  // An aggregate must stay one in DuckDB's eyes, too.
  return compound(
    value.aggregate ? `CASE WHEN ${value.sql} IS NULL THEN ${name} ELSE ${name} END` : name,
    varchar(),
    args,
    call.at,
  )
}

/** A bit for each argument: set where the row's grouping set leaves it out. */
function groupingCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  const uncovered = args.find((arg) => arg.loose)
  if (uncovered || !env.scope.grouping?.size) {
    throw trinoError(
      'INVALID_ARGUMENTS',
      'The arguments to GROUPING() must be expressions referenced by the GROUP BY at the associated query level',
      uncovered?.at ?? call.at,
    )
  }
  const type = args.length > 31 ? bigint : integer
  return {
    sql: `CAST(GROUPING(${args.map((arg) => arg.sql).join(', ')}) AS ${duckType(type)})`,
    type,
    at: call.at,
    aggregate: call.at,
  }
}

function concatCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  if (args.length < 2)
    throw trinoError('INVALID_FUNCTION_ARGUMENT', 'There must be two or more concatenation arguments', call.at)
  return args.reduce((left, right) => concatenate(left, right, call.at))
}

function formatCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  const [pattern, ...values] = args
  if (!pattern) throw unexpected(call, args)
  if (!isText(pattern.type)) throw typeMismatch('Type of first argument to format() must be VARCHAR', call.at)
  if (values.length === 0) throw trinoError('INVALID_FUNCTION_ARGUMENT', 'There must be two or more arguments', call.at)
  // Each value travels as text beside its type's name.
  const texts = values.map((value) => {
    checkCast(value.type, varchar(), value.at)
    return castSql(value, varchar())
  })
  const types = values.map(({ type }) => {
    const isMoment = (type.kind === 'timestamp' || type.kind === 'time') && !type.zoned
    return quoteText(isMoment ? typeName(type) : type.kind)
  })
  return compound(`igp_format(${pattern.sql}, [${texts.join(', ')}], [${types.join(', ')}])`, varchar(), args, call.at)
}

/** Rows of the arrays' elements side by side; the shorter ones end in NULLs. */
function zipCall(call: Call, env: Environment): Typed {
  const args = compiled(call, env)
  if (args.length < 2 || args.some((arg) => arg.type.kind !== 'array')) throw unexpected(call, args)
  const elements = args.map((arg) => (arg.type as Extract<SqlType, { kind: 'array' }>).element)
  const position = env.c.newName()
  const longest = args.map((arg) => `len(${arg.sql})`).join(', ')
  const fields = args.map((arg, i) => `f${i} := (${arg.sql})[${position}]`).join(', ')
  const sql = `CASE WHEN ${args.map((arg) => `${arg.sql} IS NOT NULL`).join(' AND ')} THEN list_transform(range(1, 1 + greatest(${longest})), lambda ${position}: struct_pack(${fields})) END`
  return compound(sql, arrayOf(rowOf(elements.map((type) => ({ type })))), args, call.at)
}

/** NULL where any argument is NULL; DuckDB's own pass over them. */
function extremeCall(call: Call, env: Environment, name: 'greatest' | 'least'): Typed {
  const args = compiled(call, env)
  if (args.length === 0) throw unexpected(call, args)
  const type = args.reduce<SqlType | undefined>((so, arg) => so && commonType(so, arg.type), unknown)
  if (!type) throw unexpected(call, args, `. Expected: ${name}(E) E:orderable`)
  const values = args.map((arg) => coerce(arg, type))
  const operator = name === 'greatest' ? '>' : '<'
  let best = values[0] as Typed
  for (const value of values.slice(1)) {
    const isBetter = compare(operator, value, best, call.at).sql
    const bestIsNan = type.kind === 'double' || type.kind === 'real' ? `isnan(${best.sql}) OR ` : ''
    best = { ...best, sql: `CASE WHEN ${bestIsNan}${isBetter} THEN ${value.sql} ELSE ${best.sql} END` }
  }
  const nulls = values.map((value) => `${value.sql} IS NULL`).join(' OR ')
  return compound(`CASE WHEN ${nulls} THEN NULL ELSE ${best.sql} END`, type, args, call.at)
}
