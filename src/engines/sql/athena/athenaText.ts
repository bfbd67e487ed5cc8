/** A value in the form Athena gives it in its CSV and in GetQueryResults, and a column's type as it names it. */
import type { ColumnType } from '../columnTypes.ts'
import type { Value } from '../duckdb.ts'
import { SqlError } from '../sqlError.ts'

export function athenaText(value: Value, type: ColumnType): string | null {
  if (value === null || value === undefined) return null
  switch (type.kind) {
    case 'decimal':
      return String(value)
    case 'list': {
      const { items } = value as unknown as { items: readonly Value[] }
      return `[${items.map((item) => athenaText(item, type.element) ?? 'null').join(', ')}]`
    }
    case 'map': {
      const { entries } = value as unknown as { entries: readonly { key: Value; value: Value }[] }
      return `{${entries.map((entry) => `${athenaText(entry.key, type.key)}=${athenaText(entry.value, type.value) ?? 'null'}`).join(', ')}}`
    }
    case 'struct': {
      const { entries } = value as unknown as { entries: Readonly<Record<string, Value>> }
      return `{${type.fields.map((field) => `${field.name}=${athenaText(entries[field.name] ?? null, field.type) ?? 'null'}`).join(', ')}}`
    }
    case 'scalar':
      return scalarText(value, type.name)
  }
}

function scalarText(value: Value, name: string): string {
  switch (name) {
    case 'double':
      return javaDouble(value as number)
    case 'real':
      return javaDouble(Number(Math.fround(value as number).toPrecision(shortestDigits(value as number))))
    case 'timestamp':
    case 'timestamptz':
      return momentText((value as unknown as { micros: bigint }).micros) + (name === 'timestamptz' ? ' UTC' : '')
    case 'time':
      return timeText((value as unknown as { micros: bigint }).micros)
    case 'blob':
      return [...(value as unknown as { bytes: Uint8Array }).bytes]
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join(' ')
    case 'interval':
      return intervalText(value as unknown as { months: number; days: number; micros: bigint })
    case 'hugeint':
      if (BigInt.asIntN(64, BigInt(value as bigint)) !== BigInt(value as bigint)) {
        throw new SqlError(`bigint addition overflow: ${value}`, undefined, 'NUMERIC_VALUE_OUT_OF_RANGE')
      }
      return String(value)
    default:
      return String(value)
  }
}

/** As Java prints it: `1.0`, `1.0E10`, `1.0E-5`. */
export function javaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity'
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0'
  const size = Math.abs(value)
  if (size >= 1e-3 && size < 1e7) {
    const text = String(value)
    return text.includes('.') ? text : `${text}.0`
  }
  const [mantissa = '', exponent = ''] = value.toExponential().split('e')
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`
}

/** The fewest digits that give the same 32-bit number back. */
function shortestDigits(value: number): number {
  for (let digits = 1; digits < 9; digits++)
    if (Math.fround(Number(value.toPrecision(digits))) === Math.fround(value)) return digits
  return 9
}

function momentText(micros: bigint): string {
  const millis = micros >= 0n ? micros / 1000n : -((-micros + 999n) / 1000n)
  return new Date(Number(millis)).toISOString().replace('T', ' ').replace('Z', '').replace(/^\+0*/, '')
}

function timeText(micros: bigint): string {
  return new Date(Number(micros / 1000n)).toISOString().slice(11, 23)
}

function intervalText(interval: { months: number; days: number; micros: bigint }): string {
  if (interval.months !== 0) {
    const sign = interval.months < 0 ? '-' : ''
    const months = Math.abs(interval.months)
    return `${sign}${Math.trunc(months / 12)}-${months % 12}`
  }
  const total = BigInt(interval.days) * 86_400_000n + interval.micros / 1000n
  const size = total < 0n ? -total : total
  return `${total < 0n ? '-' : ''}${size / 86_400_000n} ${timeText((size % 86_400_000n) * 1000n)}`
}

export interface AthenaColumnType {
  type: string
  precision: number
  scale: number
}

/** ColumnInfo's Type, Precision and Scale. */
export function athenaColumnType(type: ColumnType): AthenaColumnType {
  switch (type.kind) {
    case 'decimal':
      return { type: 'decimal', precision: type.precision, scale: type.scale }
    case 'list':
      return { type: 'array', precision: 0, scale: 0 }
    case 'map':
      return { type: 'map', precision: 0, scale: 0 }
    case 'struct':
      return { type: 'row', precision: 0, scale: 0 }
    case 'scalar':
      return scalarTypes[type.name] ?? { type: 'varchar', precision: 2147483647, scale: 0 }
  }
}

const scalarTypes: Record<string, AthenaColumnType> = {
  boolean: { type: 'boolean', precision: 0, scale: 0 },
  tinyint: { type: 'tinyint', precision: 3, scale: 0 },
  smallint: { type: 'smallint', precision: 5, scale: 0 },
  integer: { type: 'integer', precision: 10, scale: 0 },
  bigint: { type: 'bigint', precision: 19, scale: 0 },
  // Sums of integers are wider here; what fits is a bigint, as it is there.
  hugeint: { type: 'bigint', precision: 19, scale: 0 },
  real: { type: 'float', precision: 17, scale: 0 },
  double: { type: 'double', precision: 17, scale: 0 },
  date: { type: 'date', precision: 0, scale: 0 },
  time: { type: 'time', precision: 3, scale: 0 },
  timestamp: { type: 'timestamp', precision: 3, scale: 0 },
  timestamptz: { type: 'timestamp with time zone', precision: 3, scale: 0 },
  interval: { type: 'interval day to second', precision: 0, scale: 0 },
  blob: { type: 'varbinary', precision: 1073741824, scale: 0 },
  json: { type: 'json', precision: 2147483647, scale: 0 },
  uuid: { type: 'uuid', precision: 0, scale: 0 },
  null: { type: 'unknown', precision: 0, scale: 0 },
}
