/** A value in the form Athena gives it in its CSV and in GetQueryResults, and a column's type as ColumnInfo names it. */
import type { Value } from '../duckdb.ts'
import { addressText } from './natives/binary.ts'
import { offsetAt, offsetText } from './natives/dates.ts'
import { javaDouble, realText } from './natives/numbers.ts'
import { isZoned, type SqlType } from './sqlTypes.ts'

interface Nested {
  items: readonly Value[]
  entries: readonly { key: Value; value: Value }[] & Readonly<Record<string, Value>>
  bytes: Uint8Array
  micros: bigint
}

/** Undefined stands for no value: NULL. */
export function resultText(value: Value, type: SqlType): string | null {
  if (value === null || value === undefined) return null
  const nested = value as unknown as Nested
  switch (type.kind) {
    case 'array':
      return `[${nested.items.map((item) => resultText(item, type.element) ?? 'null').join(', ')}]`
    case 'map':
      return `{${nested.entries.map((entry) => `${resultText(entry.key, type.key)}=${resultText(entry.value, type.value) ?? 'null'}`).join(', ')}}`
    case 'row':
      return `{${type.fields.map((field, i) => `${field.name ?? `field${i}`}=${resultText(nested.entries[`f${i}`] ?? null, field.type) ?? 'null'}`).join(', ')}}`
    case 'char':
      return String(value).padEnd(type.length)
    case 'date':
      return dateText(String(value))
    case 'double':
      return javaDouble(value as number)
    case 'real':
      return realDigits(value as number)
    case 'timestamp':
      return type.zoned ? zonedText(nested.entries, type.precision) : momentText(nested.micros, type.precision)
    case 'time':
      return isZoned(type)
        ? `${timeText((nested.entries.t as unknown as Nested).micros, type.precision)}${offsetText(Number(nested.entries.o))}`
        : timeText(nested.micros, type.precision)
    case 'varbinary':
      return [...nested.bytes].map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    case 'ipaddress':
      return addressText(nested.bytes)
    case 'interval day to second':
      return intervalDayText(value as bigint)
    case 'interval year to month': {
      const months = value as number
      return `${months < 0 ? '-' : ''}${Math.trunc(Math.abs(months) / 12)}-${Math.abs(months) % 12}`
    }
    case 'hyperloglog':
    case 'tdigest':
      return '<binary>'
    default:
      return String(value)
  }
}

/** DuckDB counts years before the first as historians do, ISO from zero on. */
function dateText(text: string): string {
  const past = /^(\d+)(-\d\d-\d\d) \(BC\)$/.exec(text)
  if (!past) return text
  const year = Number(past[1]) - 1
  return `${year === 0 ? '' : '-'}${String(year).padStart(4, '0')}${past[2]}`
}

function realDigits(value: number): string {
  const [mantissa = '', exponent = '0'] = realText(value).split('E')
  const power = Number(exponent)
  return power >= -3 && power < 7 ? javaDouble(Number(`${mantissa}e${exponent}`)) : realText(value)
}

/** Milliseconds at least; all digits of a type that has more. */
function momentText(micros: bigint, precision: number): string {
  const millis = micros >= 0n ? micros / 1000n : -((-micros + 999n) / 1000n)
  const text = new Date(Number(millis)).toISOString().replace('T', ' ').replace('Z', '').replace(/^\+0*/, '')
  return `${text}${moreDigits(micros - millis * 1000n, precision)}`
}

/** What microseconds there are below a millisecond, for a type that shows them. */
function moreDigits(micros: bigint, precision: number): string {
  return precision > 3
    ? String(micros)
        .padStart(3, '0')
        .slice(0, precision - 3)
    : ''
}

function zonedText(entries: Readonly<Record<string, Value>>, precision: number): string {
  const { micros } = entries.t as unknown as Nested
  const zone = String(entries.z)
  return `${momentText(micros + BigInt(offsetAt(zone, micros)) * 60_000_000n, precision)} ${zone}`
}

function timeText(micros: bigint, precision = 3): string {
  return `${new Date(Number(micros / 1000n)).toISOString().slice(11, 23)}${moreDigits(micros % 1000n, precision)}`
}

function intervalDayText(millis: bigint): string {
  const size = millis < 0n ? -millis : millis
  return `${millis < 0n ? '-' : ''}${size / 86_400_000n} ${timeText((size % 86_400_000n) * 1000n)}`
}

export interface ResultColumnType {
  type: string
  precision: number
  scale: number
}

const sized: Partial<Record<SqlType['kind'], [name: string, precision: number]>> = {
  tinyint: ['tinyint', 3],
  smallint: ['smallint', 5],
  integer: ['integer', 10],
  bigint: ['bigint', 19],
  real: ['float', 17],
  double: ['double', 17],
  varbinary: ['varbinary', 1_073_741_824],
  json: ['json', 2_147_483_647],
}

/** ColumnInfo's Type, Precision and Scale. */
export function resultType(type: SqlType): ResultColumnType {
  switch (type.kind) {
    case 'decimal':
      return { type: 'decimal', precision: type.precision, scale: type.scale }
    case 'varchar':
      return { type: 'varchar', precision: type.length ?? 2_147_483_647, scale: 0 }
    case 'char':
      return { type: 'char', precision: type.length, scale: 0 }
    case 'timestamp':
    case 'time':
      return { type: `${type.kind}${type.zoned ? ' with time zone' : ''}`, precision: 3, scale: 0 }
    default: {
      const [name, precision] = sized[type.kind] ?? [type.kind, 0]
      return { type: name, precision, scale: 0 }
    }
  }
}
