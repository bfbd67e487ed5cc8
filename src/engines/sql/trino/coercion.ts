/**
 * Which types become which without being asked: Trino's rules for operands, branches, set operations and arguments.
 * `coerce` writes the change; an explicit CAST (casts.ts) may do more.
 */
import { castSql } from './casts.ts'
import {
  arrayOf,
  asDecimal,
  decimal,
  isFloating,
  isInteger,
  isText,
  mapOf,
  rowOf,
  type SqlType,
  sameType,
  varchar,
} from './sqlTypes.ts'
import type { Typed } from './typed.ts'

const integerRanks = ['tinyint', 'smallint', 'integer', 'bigint']

/** The least type that both become, or undefined. */
export function commonType(left: SqlType, right: SqlType): SqlType | undefined {
  if (sameType(left, right)) return left
  if (left.kind === 'unknown') return right
  if (right.kind === 'unknown') return left
  return commonNumber(left, right) ?? commonText(left, right) ?? commonMoment(left, right) ?? commonNested(left, right)
}

function commonNumber(left: SqlType, right: SqlType): SqlType | undefined {
  if (isInteger(left) && isInteger(right)) {
    return integerRanks.indexOf(left.kind) > integerRanks.indexOf(right.kind) ? left : right
  }
  const numbers = [left, right].every((type) => isInteger(type) || isFloating(type) || type.kind === 'decimal')
  if (!numbers) return undefined
  if (left.kind === 'double' || right.kind === 'double') return { kind: 'double' }
  if (left.kind === 'real' || right.kind === 'real') return { kind: 'real' }
  const [a, b] = [asDecimal(left), asDecimal(right)]
  if (!a || !b) return undefined
  const scale = Math.max(a.scale, b.scale)
  return decimal(Math.min(38, Math.max(a.precision - a.scale, b.precision - b.scale) + scale), scale)
}

function commonText(left: SqlType, right: SqlType): SqlType | undefined {
  if (!isText(left) || !isText(right)) return undefined
  if (left.kind === 'char' && right.kind === 'char') return left.length > right.length ? left : right
  const [a, b] = [lengthOf(left), lengthOf(right)]
  const length = a === undefined || b === undefined ? undefined : Math.max(a, b)
  // A char meets a varchar as char, so that padding does not count.
  if (left.kind === 'char' || right.kind === 'char') return length === undefined ? varchar() : { kind: 'char', length }
  return varchar(length)
}

function lengthOf(type: SqlType): number | undefined {
  return type.kind === 'varchar' || type.kind === 'char' ? type.length : undefined
}

function commonMoment(left: SqlType, right: SqlType): SqlType | undefined {
  const kinds = [left.kind, right.kind]
  const precision = Math.max(...[left, right].map((type) => ('precision' in type ? type.precision : 0)))
  const zoned = [left, right].some((type) => 'zoned' in type && type.zoned)
  if (kinds.every((kind) => kind === 'timestamp' || kind === 'date')) return { kind: 'timestamp', precision, zoned }
  if (kinds.every((kind) => kind === 'time')) return { kind: 'time', precision, zoned }
  return undefined
}

function commonNested(left: SqlType, right: SqlType): SqlType | undefined {
  if (left.kind === 'array' && right.kind === 'array') {
    const element = commonType(left.element, right.element)
    return element && arrayOf(element)
  }
  if (left.kind === 'map' && right.kind === 'map') {
    const [key, value] = [commonType(left.key, right.key), commonType(left.value, right.value)]
    return key && value && mapOf(key, value)
  }
  if (left.kind === 'row' && right.kind === 'row' && left.fields.length === right.fields.length) {
    const fields = left.fields.map((field, i) => {
      const other = right.fields[i] as { name?: string; type: SqlType }
      const type = commonType(field.type, other.type)
      const name = field.name === other.name ? field.name : undefined
      return type && { type, ...(name !== undefined && { name }) }
    })
    return fields.every((field) => field !== undefined) ? rowOf(fields as { type: SqlType }[]) : undefined
  }
  return undefined
}

/** Whether a value of `from` is taken where `to` is wanted. */
export function isCoercible(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'char' && to.kind === 'varchar') return to.length === undefined || to.length >= from.length
  const common = commonType(from, to)
  return common !== undefined && (sameType(common, to) || sameShape(common, to))
}

/** Rows of the same types whose fields bear other names are the same to whom takes them. */
function sameShape(left: SqlType, right: SqlType): boolean {
  if (left.kind === 'row' && right.kind === 'row') {
    return (
      left.fields.length === right.fields.length &&
      left.fields.every((field, i) => sameShape(field.type, (right.fields[i] as { type: SqlType }).type))
    )
  }
  if (left.kind === 'array' && right.kind === 'array') return sameShape(left.element, right.element)
  if (left.kind === 'map' && right.kind === 'map')
    return sameShape(left.key, right.key) && sameShape(left.value, right.value)
  return sameType(left, right)
}

/** The value as the wider type. Call it only where `isCoercible`. */
export function coerce(value: Typed, to: SqlType): Typed {
  if (sameType(value.type, to)) return value
  return { ...value, sql: castSql(value, to), type: to }
}
