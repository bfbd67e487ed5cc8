/** What dates and times need beside functions: EXTRACT, AT TIME ZONE, the statement's own time, and arithmetic by unit. */
import { quoteText } from '../cursor.ts'
import type { Token } from '../tokens.ts'
import type { Expression } from './ast.ts'
import { localSql, rounded } from './casts.ts'
import { coerce } from './coercion.ts'
import type { Environment } from './compilation.ts'
import { extractSql } from './functions/dates.ts'
import { bigint, date, isText, type SqlType, time, timestamp, typeName, varchar } from './sqlTypes.ts'
import { refused, trinoError, typeMismatch } from './trinoErrors.ts'
import { compound, type Typed } from './typed.ts'

export function extractField(field: string, value: Typed, at: Token): Typed {
  const known = [
    'year',
    'quarter',
    'month',
    'week',
    'day',
    'day_of_month',
    'day_of_week',
    'dow',
    'day_of_year',
    'doy',
    'year_of_week',
    'yow',
    'hour',
    'minute',
    'second',
    'timezone_hour',
    'timezone_minute',
  ]
  if (!known.includes(field)) throw trinoError('SYNTAX_ERROR', `Invalid EXTRACT field: ${field}`, at)
  const { kind } = value.type
  if (!['date', 'timestamp', 'time'].includes(kind) && !kind.startsWith('interval'))
    throw typeMismatch(`Cannot extract ${field} from ${typeName(value.type)}`, at)
  const isTimeField = ['hour', 'minute', 'second'].includes(field)
  if ((kind === 'date' && isTimeField) || (kind === 'time' && !isTimeField))
    throw typeMismatch(`Cannot extract ${field} from ${typeName(value.type)}`, at)
  return compound(extractSql(field, value.sql, value.type), bigint, [value], at)
}

export function shiftZone(value: Typed, zone: Typed, at: Token): Typed {
  const { type } = value
  if (type.kind !== 'timestamp')
    throw type.kind === 'time'
      ? refused('AT TIME ZONE of a time', at)
      : typeMismatch(
          `Type of value must be a time or timestamp with or without time zone (actual ${typeName(type)})`,
          at,
        )
  const name =
    zone.type.kind === 'interval day to second'
      ? `igp_offset_zone(0, ${zone.sql} // 60000)`
      : isText(zone.type)
        ? `igp_zone(${zone.sql})`
        : undefined
  if (!name)
    throw typeMismatch(`Type of time zone must be a varchar or an interval (actual ${typeName(zone.type)})`, zone.at)
  const zoned = coerce(value, timestamp(type.precision, true))
  return compound(`igp_zoned_at((${zoned.sql}).t, ${name})`, timestamp(type.precision, true), [value, zone], at)
}

/** One moment for the whole statement, in the session's zone: UTC. */
export function currentMoment(node: Extract<Expression, { kind: 'now' }>, env: Environment): Typed {
  const { at, precision = 3 } = node
  if (precision > 6) throw refused(`${node.what}(${precision})`, at)
  const moment = rounded(`CAST('${env.c.now}' AS TIMESTAMP)`, 6, precision)
  const made = (sql: string, type: SqlType): Typed => ({ sql, type, at })
  switch (node.what) {
    case 'current_date':
      return made(`CAST(${moment} AS DATE)`, date)
    case 'current_timestamp':
      return made(`struct_pack(t := ${moment}, z := 'UTC')`, timestamp(precision, true))
    case 'localtimestamp':
      return made(moment, timestamp(precision))
    case 'localtime':
      return made(`CAST(${moment} AS TIME)`, time(precision))
    case 'current_time':
      return made(`struct_pack(t := CAST(${moment} AS TIME), o := CAST(0 AS INTEGER))`, time(precision, true))
    case 'current_catalog':
      return made(`'awsdatacatalog'`, varchar())
    case 'current_schema':
      return made(quoteText(env.c.database), varchar())
    default:
      throw refused(node.what, at)
  }
}

const monthUnits: Record<string, number> = { month: 1, quarter: 3, year: 12 }
const milliUnits: Record<string, number> = {
  millisecond: 1,
  second: 1000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
  week: 604_800_000,
}

function invalidUnit(unit: string, type: SqlType) {
  return trinoError('INVALID_FUNCTION_ARGUMENT', `'${unit}' is not a valid ${type.kind.toUpperCase()} field`)
}

function checkUnit(unit: string, type: SqlType): void {
  const isKnown = unit in monthUnits || unit in milliUnits
  const isTimeUnit = (milliUnits[unit] ?? 0) > 0 && (milliUnits[unit] as number) < (milliUnits.day as number)
  if (!isKnown || (type.kind === 'date' && isTimeUnit) || (type.kind === 'time' && !isTimeUnit))
    throw invalidUnit(unit, type)
}

/** `date_add(unit, n, x)` */
export function dateAddSql(unit: string, n: string, { sql, type }: Pick<Typed, 'sql' | 'type'>): string {
  checkUnit(unit, type)
  const months = monthUnits[unit]
  const step = months ? `to_months(CAST(${n} * ${months} AS INTEGER))` : `to_milliseconds(${n} * ${milliUnits[unit]})`
  if (type.kind === 'date') return `CAST(CAST(${sql} AS TIMESTAMP) + ${step} AS DATE)`
  if (type.kind === 'time') return `CAST((make_timestamp(epoch_us(${sql})) + ${step}) AS TIME)`
  if (type.kind === 'timestamp' && type.zoned) {
    return months || unit === 'day' || unit === 'week'
      ? `igp_zoned(${localSql(sql)} + ${step}, (${sql}).z)`
      : `igp_with_instant(${sql}, (${sql}).t + ${step})`
  }
  return `(${sql} + ${step})`
}

/** `date_diff(unit, a, b)`: whole units from a to b. */
export function dateDiffSql(unit: string, { sql, type }: Pick<Typed, 'sql' | 'type'>, other: string): string {
  checkUnit(unit, type)
  const zoned = 'zoned' in type && type.zoned
  const months = monthUnits[unit]
  if (type.kind === 'time') {
    const plain = (side: string) => (zoned ? `(${side}).t` : side)
    return `CAST((epoch_us(${plain(other)}) - epoch_us(${plain(sql)})) // ${(milliUnits[unit] as number) * 1000} AS BIGINT)`
  }
  if (months) {
    const local = (side: string) => (zoned ? localSql(side) : `CAST(${side} AS TIMESTAMP)`)
    return `CAST(igp_month_diff(${local(sql)}, ${local(other)}) // ${months} AS BIGINT)`
  }
  const instant = (side: string) => (zoned ? `(${side}).t` : `CAST(${side} AS TIMESTAMP)`)
  return `CAST((epoch_us(${instant(other)}) - epoch_us(${instant(sql)})) // ${(milliUnits[unit] as number) * 1000} AS BIGINT)`
}

export function truncSql(unit: string, { sql, type }: Pick<Typed, 'sql' | 'type'>): string {
  const isTimeUnit = (milliUnits[unit] ?? 0) > 0 && (milliUnits[unit] as number) < (milliUnits.day as number)
  if (
    !(unit in monthUnits || unit in milliUnits) ||
    (type.kind === 'date' && isTimeUnit) ||
    (type.kind === 'time' && !isTimeUnit)
  )
    throw invalidUnit(unit, type)
  const quoted = quoteText(unit)
  if (type.kind === 'date') return `CAST(date_trunc(${quoted}, ${sql}) AS DATE)`
  if (type.kind === 'time') return `CAST(date_trunc(${quoted}, make_timestamp(epoch_us(${sql}))) AS TIME)`
  if (type.kind === 'timestamp' && type.zoned) return `igp_zoned(date_trunc(${quoted}, ${localSql(sql)}), (${sql}).z)`
  return `date_trunc(${quoted}, ${sql})`
}
