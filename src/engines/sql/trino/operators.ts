/** Arithmetic, comparison and concatenation by the operands' types. */
import type { Token } from '../tokens.ts'
import type { Comparison } from './ast.ts'
import { coerce, commonType } from './coercion.ts'
import { intervalArithmetic } from './intervals.ts'
import {
  arrayOf,
  asDecimal,
  boolean,
  decimal,
  duckType,
  isComparable,
  isFloating,
  isNumeric,
  isOrderable,
  isText,
  isZoned,
  type SqlType,
  typeName,
  varbinary,
  varchar,
} from './sqlTypes.ts'
import { cannotApply, failSql, trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'

type Arithmetic = '+' | '-' | '*' | '/' | '%'

export function arithmetic(operator: Arithmetic, left: Typed, right: Typed, at: Token): Typed {
  const moved = intervalArithmetic(operator, left, right, at)
  if (moved) return moved
  const common = commonType(left.type, right.type)
  if (!common || (!isNumeric(common) && common.kind !== 'unknown'))
    throw cannotApply(operator, left.type, right.type, at)
  if (common.kind === 'decimal') return decimalArithmetic(operator, left, right, at)
  const type: SqlType = common.kind === 'unknown' ? { kind: 'integer' } : common
  const [a, b] = [coerce(left, type).sql, coerce(right, type).sql]
  return compound(numberSql(operator, a, b, type), type, [left, right], at)
}

const overflowNames = { '+': 'addition', '-': 'subtraction', '*': 'multiplication' }

function numberSql(operator: Arithmetic, a: string, b: string, type: SqlType): string {
  if (isFloating(type)) return operator === '%' ? `igp_float_mod(${a}, ${b})` : `(${a} ${operator} ${b})`
  const duck = duckType(type)
  if (operator === '/' || operator === '%') {
    const zero = failSql('DIVISION_BY_ZERO', 'Division by zero', duck)
    if (operator === '%') return `CASE WHEN ${b} = 0 THEN ${zero} ELSE ${a} % ${b} END`
    return `CASE WHEN ${b} = 0 THEN ${zero} ELSE ${a} // ${b} END`
  }
  // Narrow integers grow in DuckDB's sums; here they stay what they are, and overflow.
  if (type.kind === 'tinyint' || type.kind === 'smallint') {
    const wide = `(CAST(${a} AS INTEGER) ${operator} CAST(${b} AS INTEGER))`
    const name = overflowNames[operator]
    return `igp_in_range_${type.kind}(${wide}, '${type.kind} ${name} overflow: ')`
  }
  return `(${a} ${operator} ${b})`
}

function decimalArithmetic(operator: Arithmetic, left: Typed, right: Typed, at: Token): Typed {
  const a = asDecimal(left.type) ?? decimal(1, 0)
  const b = asDecimal(right.type) ?? decimal(1, 0)
  const [x, y] = [coerce(left, a).sql, coerce(right, b).sql]
  const type = decimalResult(operator, a, b)
  if (type.scale > 38)
    throw trinoError(
      'INVALID_FUNCTION_ARGUMENT',
      `DECIMAL scale must be in range [0, precision (38)]: ${type.scale}`,
      at,
    )
  const duck = duckType(type)
  const whole = (text: string) => compound(text, type, [left, right], at)
  const zero = failSql('DIVISION_BY_ZERO', 'Division by zero', duck)
  if (operator === '*') return whole(`(${x} * ${y})`)
  if (operator === '/')
    return whole(
      `CASE WHEN ${y} = 0 THEN ${zero} ELSE CAST(igp_decimal_divide(CAST(${x} AS VARCHAR), CAST(${y} AS VARCHAR), ${type.scale}) AS ${duck}) END`,
    )
  if (operator === '%') {
    const scale = Math.max(a.scale, b.scale)
    const wide = `DECIMAL(38,${scale})`
    return whole(
      `CASE WHEN ${y} = 0 THEN ${zero} ELSE CAST(CAST(${x} AS ${wide}) % CAST(${y} AS ${wide}) AS ${duck}) END`,
    )
  }
  return whole(`CAST(CAST(${x} AS ${duck}) ${operator} CAST(${y} AS ${duck}) AS ${duck})`)
}

type Decimal = Extract<SqlType, { kind: 'decimal' }>

function decimalResult(operator: Arithmetic, a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale)
  switch (operator) {
    case '*':
      return decimal(Math.min(38, a.precision + b.precision), a.scale + b.scale)
    case '/':
      return decimal(Math.min(38, a.precision + b.scale + Math.max(b.scale - a.scale, 0)), scale)
    case '%':
      return decimal(Math.min(b.precision - b.scale, a.precision - a.scale) + scale, scale)
    default:
      return decimal(Math.min(38, scale + Math.max(a.precision - a.scale, b.precision - b.scale) + 1), scale)
  }
}

export function negate(value: Typed, at: Token): Typed {
  const { type } = value
  if (!isNumeric(type) && !type.kind.startsWith('interval')) throw typeMismatch(`Cannot negate ${typeName(type)}`, at)
  if (type.kind === 'tinyint' || type.kind === 'smallint') {
    return compound(
      `igp_in_range_${type.kind}(-CAST(${value.sql} AS INTEGER), '${type.kind} negation overflow: ')`,
      type,
      [value],
      at,
    )
  }
  return compound(`(-${value.sql})`, type, [value], at)
}

export function concatenate(left: Typed, right: Typed, at: Token): Typed {
  const [a, b] = [left.type, right.type]
  if (a.kind === 'array' || b.kind === 'array') return concatenateArrays(left, right, at)
  if (a.kind === 'varbinary' && b.kind === 'varbinary')
    return compound(`(${left.sql} || ${right.sql})`, varbinary, [left, right], at)
  if (a.kind === 'char' && b.kind === 'varchar' && b.length !== undefined)
    return concatenate(left, coerce(right, { kind: 'char', length: b.length }), at)
  if (b.kind === 'char' && a.kind === 'varchar' && a.length !== undefined)
    return concatenate(coerce(left, { kind: 'char', length: a.length }), right, at)
  if (a.kind === 'char' && b.kind === 'char') {
    const type: SqlType = { kind: 'char', length: a.length + b.length }
    return compound(`(rpad(${left.sql}, ${a.length}, ' ') || ${right.sql})`, type, [left, right], at)
  }
  const isTextOrNull = (type: SqlType) => isText(type) || type.kind === 'unknown'
  if (!isTextOrNull(a) || !isTextOrNull(b)) throw unexpectedParameters('concat', [left, right], at)
  return compound(`(${coerce(left, varchar()).sql} || ${coerce(right, varchar()).sql})`, varchar(), [left, right], at)
}

function concatenateArrays(left: Typed, right: Typed, at: Token): Typed {
  const [a, b] = [left.type, right.type]
  const parts = [left, right]
  if ([a, b].some((side) => side.kind === 'array' && side.element.kind === 'unknown') && a.kind === b.kind) {
    throw trinoError(
      'AMBIGUOUS_FUNCTION_CALL',
      'Could not choose a best candidate operator. Explicit type casts must be added.',
      at,
    )
  }
  if (a.kind === 'array' && b.kind === 'array') {
    const type = commonType(a, b)
    if (!type) throw unexpectedParameters('concat', parts, at)
    return compound(`igp_concat(${coerce(left, type).sql}, ${coerce(right, type).sql})`, type, parts, at)
  }
  const [array, element] = a.kind === 'array' ? [left, right] : [right, left]
  const elementType = (array.type as Extract<SqlType, { kind: 'array' }>).element
  const common = commonType(elementType, element.type)
  if (!common) throw unexpectedParameters('concat', parts, at)
  const list = coerce(array, arrayOf(common)).sql
  const item = coerce(element, common).sql
  return compound(
    a.kind === 'array' ? `list_append(${list}, ${item})` : `list_prepend(${item}, ${list})`,
    arrayOf(common),
    parts,
    at,
  )
}

function unexpectedParameters(name: string, args: readonly Typed[], at: Token) {
  const types = args.map((arg) => typeName(arg.type)).join(', ')
  return trinoError('FUNCTION_NOT_FOUND', `Unexpected parameters (${types}) for function ${name}`, at)
}

/** The two sides as one type, or TYPE_MISMATCH in the operator's words. */
export function alignedFor(operator: string, left: Typed, right: Typed, at: Token): [Typed, Typed] {
  const common = commonType(left.type, right.type)
  if (!common) throw cannotApply(operator, left.type, right.type, at)
  return [coerce(left, common), coerce(right, common)]
}

export function compare(operator: Comparison, left: Typed, right: Typed, at: Token): Typed {
  const [a, b] = alignedFor(operator, left, right, at)
  const allowed = operator === '=' || operator === '<>' ? isComparable(a.type) : isOrderable(a.type)
  if (!allowed) throw cannotApply(operator, left.type, right.type, at)
  return compound(comparisonSql(operator, a, b), boolean, [left, right], at)
}

/** What orders and equals as the value does: an instant without its zone. */
export function comparable(sql: string, type: SqlType): string {
  if (!isZoned(type)) return sql
  return type.kind === 'time' ? `igp_time_instant(${sql})` : `(${sql}).t`
}

function comparisonSql(operator: Comparison, a: Typed, b: Typed): string {
  const { type } = a
  if (type.kind === 'row') return rowComparison(operator, a, b)
  const [x, y] = [comparable(a.sql, type), comparable(b.sql, type)]
  if (type.kind === 'array' && (operator === '=' || operator === '<>')) {
    return `(${operator === '<>' ? 'NOT ' : ''}igp_lists_equal(${x}, ${y}))`
  }
  if (type.kind === 'map') return `(${operator === '<>' ? 'NOT ' : ''}igp_maps_equal(${x}, ${y}))`
  const plain = `(${x} ${operator} ${y})`
  return isFloating(type) ? guardNan(operator, plain, a, b) : plain
}

/** DuckDB's NaN is the greatest number and equals itself; Trino's compares as false with everything. */
function guardNan(operator: Comparison, plain: string, a: Typed, b: Typed): string {
  const isKnown = (side: Typed) => typeof side.constant === 'number' || typeof side.constant === 'string'
  const [left, right] = [isKnown(a), isKnown(b)]
  const guarded = { '=': !left && !right, '<>': !left && !right, '>': !left, '>=': !left, '<': !right, '<=': !right }[
    operator
  ]
  if (!guarded) return plain
  const either = [...(left ? [] : [`isnan(${a.sql})`]), ...(right ? [] : [`isnan(${b.sql})`])].join(' OR ')
  return `CASE WHEN ${either} THEN ${operator === '<>'} ELSE ${plain} END`
}

function rowComparison(operator: Comparison, a: Typed, b: Typed): string {
  const { fields } = a.type as Extract<SqlType, { kind: 'row' }>
  const pair = (i: number, type: SqlType): [Typed, Typed] => [
    { ...a, sql: `(${a.sql}).f${i}`, type },
    { ...b, sql: `(${b.sql}).f${i}`, type },
  ]
  if (operator === '=' || operator === '<>') {
    const equal = fields.map((field, i) => comparisonSql('=', ...pair(i, field.type))).join(' AND ')
    return operator === '=' ? `(${equal})` : `(NOT (${equal}))`
  }
  // Lexicographic: the first field that differs decides.
  const strict = operator.startsWith('<') ? '<' : '>'
  return fields.reduceRight((rest, field, i) => {
    const [x, y] = pair(i, field.type)
    const last = i === fields.length - 1
    if (last) return comparisonSql(operator, x, y)
    return `(${comparisonSql(strict, x, y)} OR (${comparisonSql('=', x, y)} AND ${rest}))`
  }, 'true')
}

export function isDistinct(left: Typed, right: Typed, at: Token): Typed {
  const [a, b] = alignedFor('IS DISTINCT FROM', left, right, at)
  return compound(
    `(${comparable(a.sql, a.type)} IS DISTINCT FROM ${comparable(b.sql, b.type)})`,
    boolean,
    [left, right],
    at,
  )
}
