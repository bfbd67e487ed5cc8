/** A type as written to a type. */
import type { TypeNode } from './ast.ts'
import {
  arrayOf,
  decimal,
  mapOf,
  type PlainKind,
  plain,
  rowOf,
  type SqlType,
  time,
  timestamp,
  varchar,
} from './sqlTypes.ts'
import { trinoError } from './trinoErrors.ts'

const synonyms: Record<string, PlainKind> = { int: 'integer', float: 'real', 'double precision': 'double' }
const plainNames = new Set<string>([
  ...['boolean', 'tinyint', 'smallint', 'integer', 'bigint', 'real', 'double', 'date', 'varbinary', 'json', 'uuid'],
  ...['ipaddress', 'interval day to second', 'interval year to month', 'unknown', 'hyperloglog', 'tdigest'],
])

const charLengthMax = 65_536

export function typeOf(node: TypeNode): SqlType {
  const { name, numbers, types } = node
  switch (name) {
    case 'decimal':
    case 'dec':
    case 'numeric':
      return decimalType(node)
    case 'varchar':
      return varchar(numbers[0])
    // Athena takes Hive's name for it in CAST.
    case 'string':
      return varchar()
    case 'char':
      if ((numbers[0] ?? 1) > charLengthMax)
        throw trinoError('TYPE_NOT_FOUND', `CHAR length must be in range [0, ${charLengthMax}]`, node.at)
      return { kind: 'char', length: numbers[0] ?? 1 }
    case 'timestamp':
      return timestamp(momentPrecision(node), node.zoned)
    case 'time':
      return time(momentPrecision(node), node.zoned)
    case 'array':
      if (types.length === 1) return arrayOf(typeOf((types[0] as { type: TypeNode }).type))
      break
    case 'map':
      if (types.length === 2) return mapOf(...(types.map(({ type }) => typeOf(type)) as [SqlType, SqlType]))
      break
    case 'row':
      return rowOf(
        types.map((field) => ({ type: typeOf(field.type), ...(field.name !== undefined && { name: field.name }) })),
      )
    default: {
      const kind = synonyms[name] ?? name
      if (plainNames.has(kind)) return plain(kind as PlainKind)
    }
  }
  throw trinoError('TYPE_NOT_FOUND', `Unknown type: ${node.at.text}`, node.at)
}

function decimalType(node: TypeNode): SqlType {
  const [precision = 38, scale = 0] = node.numbers
  if (precision < 1 || precision > 38)
    throw trinoError('INVALID_FUNCTION_ARGUMENT', `DECIMAL precision must be in range [1, 38]: ${precision}`, node.at)
  if (scale > precision)
    throw trinoError(
      'INVALID_FUNCTION_ARGUMENT',
      `DECIMAL scale must be in range [0, precision (${precision})]: ${scale}`,
      node.at,
    )
  return decimal(precision, scale)
}

function momentPrecision(node: TypeNode): number {
  const precision = node.numbers[0] ?? 3
  if (precision > 12)
    throw trinoError(
      'INVALID_FUNCTION_ARGUMENT',
      `${node.name.toUpperCase()} precision must be in range [0, 12]: ${precision}`,
      node.at,
    )
  // DuckDB counts microseconds.
  if (precision > 6)
    throw trinoError('NOT_SUPPORTED', `${node.name}(${precision}) is not supported by the embedded SQL engine`, node.at)
  return precision
}
