/** Literals: numbers by their form, text, binary, and a type's name before text (`DATE '2024-01-31'`). */
import { quoteText } from '../cursor.ts'
import type { Token } from '../tokens.ts'
import type { Expression } from './ast.ts'
import { castSql, checkCast } from './casts.ts'
import { microsOf } from './natives/dates.ts'
import {
  bigint,
  boolean,
  date,
  decimal,
  double,
  integer,
  json,
  type SqlType,
  time,
  timestamp,
  unknown,
  varbinary,
  varchar,
} from './sqlTypes.ts'
import { refused, trinoError } from './trinoErrors.ts'
import type { Typed } from './typed.ts'
import { typeOf } from './typeNodes.ts'

export function numberLiteral(text: string, at: Token): Typed {
  const written = text.replaceAll('_', '')
  // Hexadecimal, octal and binary integers are integers from here on.
  const bare = /^0[xob]/i.test(written) ? String(BigInt(written.toLowerCase())) : written
  if (/e/i.test(bare)) return { sql: `CAST('${bare}' AS DOUBLE)`, type: double, at, constant: Number(bare) }
  if (bare.includes('.')) return decimalLiteral(bare, at)
  const value = BigInt(bare)
  if (value >= -(2n ** 31n) && value < 2n ** 31n)
    return { sql: `CAST(${bare} AS INTEGER)`, type: integer, at, constant: Number(bare) }
  if (value >= -(2n ** 63n) && value < 2n ** 63n)
    return { sql: `CAST(${bare} AS BIGINT)`, type: bigint, at, constant: bare }
  // 2147483648 alone is a bigint; beyond 64 bits Trino's grammar takes no integer.
  throw trinoError('SYNTAX_ERROR', `Invalid numeric literal: ${bare}`, at)
}

export function decimalLiteral(text: string, at: Token, name = text): Typed {
  const match = /^\s*([+-]?)0*(\d*)\.?(\d*)\s*$/.exec(text)
  if (!match || (match[2] === '' && match[3] === '' && !/0/.test(text))) throw invalid('DECIMAL', name, at)
  const scale = (match[3] ?? '').length
  const precision = Math.max((match[2] ?? '').length + scale, 1)
  if (precision > 38) throw invalid('DECIMAL', name, at)
  const type = decimal(precision, scale)
  return { sql: `CAST(${quoteText(text.trim())} AS DECIMAL(${precision},${scale}))`, type, at, constant: text.trim() }
}

function invalid(type: string, text: string, at: Token) {
  return trinoError('INVALID_LITERAL', `'${text}' is not a valid ${type} literal`, at)
}

export function simpleLiteral(node: Expression): Typed | undefined {
  const { at } = node
  switch (node.kind) {
    case 'null':
      return { sql: 'NULL', type: unknown, at, constant: null }
    case 'boolean':
      return { sql: String(node.value), type: boolean, at, constant: node.value }
    case 'string':
      return { sql: quoteText(node.value), type: varchar([...node.value].length), at, constant: node.value }
    case 'number':
      return numberLiteral(node.text, at)
    case 'binary':
      return { sql: `unhex('${node.hex}')`, type: varbinary, at }
    default:
      return undefined
  }
}

const moments: Record<string, RegExp> = {
  date: /^\s*[+-]?\d{1,7}-\d{1,2}-\d{1,2}\s*$/,
  timestamp: /^\s*[+-]?\d{1,7}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d{1,12}))?)?)?\s*$/,
  zonedTimestamp:
    /^\s*[+-]?\d{1,7}-\d{1,2}-\d{1,2}(?:[ T]\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d{1,12}))?)?)?\s*([A-Za-z][\w/+:-]*|[+-]\d{1,2}(?::?\d{2})?)\s*$/,
  time: /^\s*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d{1,12}))?)?\s*$/,
  zonedTime: /^\s*\d{1,2}:\d{1,2}(?::\d{1,2}(?:\.(\d{1,12}))?)?\s*([+-]\d{1,2}(?::?\d{2})?)\s*$/,
}

export function typedLiteral(node: Extract<Expression, { kind: 'typed' }>): Typed {
  const { text, at } = node
  switch (node.type.name) {
    case 'date':
      if (!isDay(text)) throw invalid('DATE', text, at)
      return { ...(dayLiteral(text, at) ?? cast(text, date, at)), constant: text.trim() }
    case 'timestamp':
    case 'time':
      return momentLiteral(node.type.name, text, at)
    case 'decimal':
    case 'numeric':
      return decimalLiteral(text, at)
    case 'json':
      return { sql: `igp_json_parse(${quoteText(text)})`, type: json, at }
    case 'char':
      return {
        sql: quoteText(text.replace(/ +$/, '')),
        type: { kind: 'char', length: text.length },
        at,
        constant: text,
      }
    case 'varchar':
      return { sql: quoteText(text), type: varchar(), at, constant: text }
    case 'interval':
      throw refused('An interval without a unit', at)
    default: {
      const type = typeOf(node.type)
      checkCast(varchar(), type, at)
      return cast(text, type, at)
    }
  }
}

function momentLiteral(name: 'timestamp' | 'time', text: string, at: Token): Typed {
  const [plain, zoned] =
    name === 'timestamp' ? [moments.timestamp, moments.zonedTimestamp] : [moments.time, moments.zonedTime]
  const match = plain?.exec(text) ?? zoned?.exec(text)
  if (!match) throw invalid(name.toUpperCase(), text, at)
  const precision = (match[1] ?? '').length
  if (precision > 6) throw refused(`${name}(${precision})`, at)
  const isZoned = match[2] !== undefined
  const constant = name === 'timestamp' && !isZoned && timestampLiteral(text, precision, at)
  if (constant) return constant
  return cast(text.trim(), name === 'timestamp' ? timestamp(precision, isZoned) : time(precision, isZoned), at)
}

/** As DuckDB's own literal: its planner sees through it to the files' statistics. Undefined for what ISO does not write so. */
function dayLiteral(text: string, at: Token): Typed | undefined {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? { sql: `DATE '${text}'`, type: date, at } : undefined
}

function timestampLiteral(text: string, precision: number, at: Token): Typed | undefined {
  const [, day = '', rest] = /^(\d{4}-\d\d-\d\d)[ T]((?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?)$/.exec(text) ?? []
  if (!rest || !isDay(day)) return undefined
  return { sql: `TIMESTAMP '${day} ${rest}'`, type: timestamp(precision), at }
}

function isDay(text: string): boolean {
  const [, year, month, day] = /^\s*([+-]?\d{1,7})-(\d{1,2})-(\d{1,2})\s*$/.exec(text) ?? []
  return year !== undefined && microsOf(Number(year), Number(month), Number(day)) !== undefined
}

function cast(text: string, type: SqlType, at: Token): Typed {
  return { sql: castSql({ sql: quoteText(text), type: varchar() }, type), type, at }
}
