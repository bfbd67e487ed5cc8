/**
 * Trino's types, how they are written, and what carries them in DuckDB. Some are carried by something else than their
 * namesake: a timestamp with time zone keeps its zone beside the instant, intervals are plain numbers (milliseconds,
 * months), a char lies without its padding, a row's fields are named by position. Only this folder knows.
 */
export type SqlType =
  | { kind: PlainKind }
  | { kind: 'decimal'; precision: number; scale: number }
  /** No length: unbounded. */
  | { kind: 'varchar'; length?: number }
  | { kind: 'char'; length: number }
  | { kind: 'timestamp' | 'time'; precision: number; zoned: boolean }
  | { kind: 'array'; element: SqlType }
  | { kind: 'map'; key: SqlType; value: SqlType }
  | { kind: 'row'; fields: readonly RowField[] }
  | { kind: 'function'; parameters: readonly SqlType[]; result: SqlType }

export interface RowField {
  name?: string
  type: SqlType
}

export type PlainKind =
  | 'boolean'
  | 'tinyint'
  | 'smallint'
  | 'integer'
  | 'bigint'
  | 'real'
  | 'double'
  | 'date'
  | 'varbinary'
  | 'json'
  | 'uuid'
  | 'ipaddress'
  | 'interval day to second'
  | 'interval year to month'
  | 'unknown'
  | 'hyperloglog'
  | 'tdigest'
  | 'Color'
  | 'JsonPath'
  | 'CodePoints'

export const plain = <K extends PlainKind>(kind: K): { kind: K } => ({ kind })
export const boolean = plain('boolean')
export const integer = plain('integer')
export const bigint = plain('bigint')
export const double = plain('double')
export const real = plain('real')
export const date = plain('date')
export const json = plain('json')
export const varbinary = plain('varbinary')
export const unknown = plain('unknown')
export const intervalDay = plain('interval day to second')
export const intervalYear = plain('interval year to month')
export const varchar = (length?: number): SqlType =>
  length === undefined ? { kind: 'varchar' } : { kind: 'varchar', length }
export const decimal = (precision: number, scale: number) => ({ kind: 'decimal' as const, precision, scale })
export const timestamp = (precision = 3, zoned = false): SqlType => ({ kind: 'timestamp', precision, zoned })
export const time = (precision = 3, zoned = false): SqlType => ({ kind: 'time', precision, zoned })
export const arrayOf = (element: SqlType) => ({ kind: 'array' as const, element })
export const mapOf = (key: SqlType, value: SqlType) => ({ kind: 'map' as const, key, value })
export const rowOf = (fields: readonly RowField[]) => ({ kind: 'row' as const, fields })

/** As Trino writes it: `decimal(10,2)`, `row(a integer, varchar(3))`. */
export function typeName(type: SqlType): string {
  switch (type.kind) {
    case 'decimal':
      return `decimal(${type.precision},${type.scale})`
    case 'varchar':
      return type.length === undefined ? 'varchar' : `varchar(${type.length})`
    case 'char':
      return `char(${type.length})`
    case 'timestamp':
    case 'time':
      return `${type.kind}(${type.precision})${type.zoned ? ' with time zone' : ''}`
    case 'array':
      return `array(${typeName(type.element)})`
    case 'map':
      return `map(${typeName(type.key)}, ${typeName(type.value)})`
    case 'row':
      return `row(${type.fields.map((field) => `${field.name === undefined ? '' : `${fieldName(field.name)} `}${typeName(field.type)}`).join(', ')})`
    case 'function':
      return `function(${[...type.parameters, type.result].map(typeName).join(',')})`
    default:
      return type.kind
  }
}

/** A row field's name is quoted where it could not be written bare. */
function fieldName(name: string): string {
  return /^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`
}

const carriers: Partial<Record<SqlType['kind'], string>> = {
  real: 'FLOAT',
  varbinary: 'BLOB',
  json: 'VARCHAR',
  ipaddress: 'BLOB',
  'interval day to second': 'BIGINT',
  'interval year to month': 'INTEGER',
  unknown: 'INTEGER',
  hyperloglog: 'VARCHAR[]',
  tdigest: 'DOUBLE[]',
  JsonPath: 'VARCHAR',
  Color: 'INTEGER',
  CodePoints: 'INTEGER[]',
}

/** The DuckDB type that carries it. */
export function duckType(type: SqlType): string {
  switch (type.kind) {
    case 'decimal':
      return `DECIMAL(${type.precision},${type.scale})`
    case 'varchar':
    case 'char':
      return 'VARCHAR'
    case 'timestamp':
      return type.zoned ? 'STRUCT(t TIMESTAMP, z VARCHAR)' : 'TIMESTAMP'
    case 'time':
      return type.zoned ? 'STRUCT(t TIME, o INTEGER)' : 'TIME'
    case 'array':
      return `${duckType(type.element)}[]`
    case 'map':
      return `MAP(${duckType(type.key)}, ${duckType(type.value)})`
    case 'row':
      return `STRUCT(${type.fields.map((field, i) => `f${i} ${duckType(field.type)}`).join(', ')})`
    default:
      return carriers[type.kind] ?? type.kind.toUpperCase()
  }
}

export function sameType(left: SqlType, right: SqlType): boolean {
  return typeName(left) === typeName(right)
}

const integerDigits: Partial<Record<SqlType['kind'], number>> = { tinyint: 3, smallint: 5, integer: 10, bigint: 19 }

export const isInteger = (type: SqlType): boolean => type.kind in integerDigits
export const isFloating = (type: SqlType): boolean => type.kind === 'real' || type.kind === 'double'
export const isNumeric = (type: SqlType): boolean => isInteger(type) || isFloating(type) || type.kind === 'decimal'
export const isText = (type: SqlType): boolean => type.kind === 'varchar' || type.kind === 'char'
export const isZoned = (type: SqlType): boolean => (type.kind === 'timestamp' || type.kind === 'time') && type.zoned

/** The decimal that holds every value of an integer type. */
export function asDecimal(type: SqlType): { kind: 'decimal'; precision: number; scale: number } | undefined {
  if (type.kind === 'decimal') return type
  const digits = integerDigits[type.kind]
  return digits === undefined ? undefined : decimal(digits, 0)
}

/** What can be compared at all with `=`; and, with `<`, what has an order. */
export function isComparable(type: SqlType): boolean {
  if (type.kind === 'array') return isComparable(type.element)
  if (type.kind === 'map') return isComparable(type.value)
  if (type.kind === 'row') return type.fields.every((field) => isComparable(field.type))
  return !['function', 'hyperloglog', 'tdigest', 'JsonPath', 'CodePoints', 'Color'].includes(type.kind)
}

export function isOrderable(type: SqlType): boolean {
  if (type.kind === 'array') return isOrderable(type.element)
  if (type.kind === 'row') return type.fields.every((field) => isOrderable(field.type))
  return type.kind !== 'map' && type.kind !== 'json' && isComparable(type)
}
