/**
 * CAST as Trino does it: which types become which, and DuckDB's text for it. Functions named `igp_…` are macros
 * (macros.ts) or natives (natives/).
 */
import { quoteText } from '../cursor.ts'
import type { SqlPosition } from '../sqlError.ts'
import { jsonToSql, toJsonSql } from './jsonCasts.ts'
import {
  asDecimal,
  duckType,
  isFloating,
  isInteger,
  isNumeric,
  isText,
  type SqlType,
  sameType,
  typeName,
} from './sqlTypes.ts'
import { failSql, refused, typeMismatch } from './trinoErrors.ts'
import type { Typed } from './typed.ts'

const scalarTargets: Partial<Record<SqlType['kind'], readonly SqlType['kind'][]>> = {
  boolean: ['tinyint', 'smallint', 'integer', 'bigint', 'real', 'double', 'decimal', 'varchar', 'json'],
  date: ['timestamp', 'varchar', 'json'],
  timestamp: ['date', 'time', 'timestamp', 'varchar', 'json'],
  time: ['time', 'timestamp', 'varchar'],
  char: ['varchar', 'char'],
  uuid: ['varchar', 'varbinary'],
  ipaddress: ['varchar', 'varbinary'],
  varbinary: ['uuid', 'ipaddress', 'hyperloglog', 'tdigest'],
  'interval day to second': ['varchar'],
  'interval year to month': ['varchar'],
  hyperloglog: ['varbinary'],
  tdigest: ['varbinary'],
}
const numberTargets: readonly SqlType['kind'][] = [
  'boolean',
  'tinyint',
  'smallint',
  'integer',
  'bigint',
  'real',
  'double',
  'decimal',
  'varchar',
  'json',
]
const textTargets: readonly SqlType['kind'][] = [
  ...numberTargets,
  'char',
  'date',
  'time',
  'timestamp',
  'uuid',
  'ipaddress',
  'varbinary',
]
const jsonTargets: readonly SqlType['kind'][] = [
  'boolean',
  'tinyint',
  'smallint',
  'integer',
  'bigint',
  'real',
  'double',
  'decimal',
  'varchar',
  'array',
  'map',
  'row',
  'date',
  'timestamp',
]

export function isCastable(from: SqlType, to: SqlType): boolean {
  if (sameType(from, to) || from.kind === 'unknown') return true
  if (from.kind === 'array')
    return to.kind === 'json' ? isJsonable(from) : to.kind === 'array' && isCastable(from.element, to.element)
  if (from.kind === 'map') {
    if (to.kind === 'json') return isJsonable(from)
    return to.kind === 'map' && isCastable(from.key, to.key) && isCastable(from.value, to.value)
  }
  if (from.kind === 'row') {
    if (to.kind === 'json') return isJsonable(from)
    return (
      to.kind === 'row' &&
      to.fields.length === from.fields.length &&
      from.fields.every((field, i) => isCastable(field.type, (to.fields[i] as { type: SqlType }).type))
    )
  }
  if (from.kind === 'json') return jsonTargets.includes(to.kind)
  if (from.kind === 'timestamp' && from.zoned && to.kind === 'json') return false
  if (from.kind === 'varchar') return textTargets.includes(to.kind)
  if (isNumeric(from)) return numberTargets.includes(to.kind)
  return scalarTargets[from.kind]?.includes(to.kind) ?? false
}

function isJsonable(type: SqlType): boolean {
  if (type.kind === 'array') return isJsonable(type.element)
  if (type.kind === 'map')
    return (isText(type.key) || isNumeric(type.key) || type.key.kind === 'boolean') && isJsonable(type.value)
  if (type.kind === 'row') return type.fields.every((field) => isJsonable(field.type))
  return type.kind === 'unknown' || isCastable(type, { kind: 'json' })
}

/** Errors: TYPE_MISMATCH, NOT_SUPPORTED. */
export function checkCast(from: SqlType, to: SqlType, at: SqlPosition): void {
  if (!isCastable(from, to)) throw typeMismatch(`Cannot cast ${typeName(from)} to ${typeName(to)}`, at)
  // On the day that it is, which no cast knows here.
  if (from.kind === 'time' && to.kind === 'timestamp') throw refused('CAST of a time to a timestamp', at)
}

/** The value as another type; the types must be castable. */
export function castSql({ sql, type: from }: Pick<Typed, 'sql' | 'type'>, to: SqlType): string {
  if (sameType(from, to)) return sql
  if (from.kind === 'unknown') return `CAST(${sql} AS ${duckType(to)})`
  if (to.kind === 'json') return toJsonSql(sql, from)
  if (from.kind === 'json') return jsonToSql(sql, to)
  switch (to.kind) {
    case 'varchar':
      return limited(textSql(sql, from), from, to.length)
    case 'char':
      return `rtrim(${limited(textSql(sql, from), from, to.length)}, ' ')`
    case 'tinyint':
    case 'smallint':
    case 'integer':
    case 'bigint':
      return integerSql(sql, from, to)
    case 'real':
    case 'double':
      if (isText(from)) return `CAST(igp_text_to_double(${sql}, '${to.kind.toUpperCase()}') AS ${duckType(to)})`
      return `CAST(${sql} AS ${duckType(to)})`
    case 'decimal':
      return decimalSql(sql, from, to)
    case 'boolean':
      return isText(from) ? `igp_text_to_boolean(${sql})` : `(${sql} <> 0)`
    case 'date':
      return dateSql(sql, from)
    case 'timestamp':
      return timestampSql(sql, from, to)
    case 'time':
      return timeSql(sql, from, to)
    case 'varbinary':
      return binarySql(sql, from)
    case 'uuid':
      return from.kind === 'varbinary' ? `igp_binary_to_uuid(${sql})` : `igp_text_to_uuid(${sql})`
    case 'ipaddress':
      return from.kind === 'varbinary' ? `igp_binary_to_ip(${sql})` : `igp_text_to_ip(${sql})`
    case 'hyperloglog':
    case 'tdigest':
      return failSql('NOT_SUPPORTED', `A cast to ${to.kind} is not supported by the embedded SQL engine`, duckType(to))
    default:
      return nestedSql(sql, from, to)
  }
}

/** A value's text as CAST(… AS VARCHAR) gives it. */
export function textSql(sql: string, type: SqlType): string {
  switch (type.kind) {
    case 'varchar':
      return sql
    case 'char':
      return `rpad(${sql}, ${type.length}, ' ')`
    case 'real':
      return `igp_real_text(${sql})`
    case 'double':
      return `igp_double_text(${sql})`
    case 'timestamp':
      if (!type.zoned) return momentText(sql, type.precision)
      return `(${momentText(localSql(sql), type.precision)} || ' ' || (${sql}).z)`
    case 'time':
      return type.zoned
        ? `igp_zoned_time_text((${sql}).t, (${sql}).o, ${type.precision})`
        : timeText(sql, type.precision)
    case 'ipaddress':
      return `igp_ip_text(${sql})`
    case 'interval day to second':
      return `igp_interval_day_text(${sql})`
    case 'interval year to month':
      return `igp_interval_year_text(${sql})`
    default:
      return `CAST(${sql} AS VARCHAR)`
  }
}

function momentText(sql: string, precision: number): string {
  if (precision === 0) return `strftime(${sql}, '%Y-%m-%d %H:%M:%S')`
  if (precision === 3) return `strftime(${sql}, '%Y-%m-%d %H:%M:%S.%g')`
  const whole = `strftime(${sql}, '%Y-%m-%d %H:%M:%S.%f')`
  return precision === 6 ? whole : `left(${whole}, -${6 - precision})`
}

function timeText(sql: string, precision: number): string {
  return `igp_time_text(${sql}, ${precision})`
}

/** The wall clock of a timestamp with time zone, in its own zone. */
export function localSql(sql: string): string {
  return `igp_local(${sql})`
}

function limited(text: string, from: SqlType, length: number | undefined): string {
  if (length === undefined) return text
  if (isText(from)) {
    const fits = 'length' in from && from.length !== undefined && from.length <= length
    return fits ? text : `left(${text}, ${length})`
  }
  const name = typeName({ kind: 'varchar', length })
  return `igp_fitting_text(${text}, ${length}, ${quoteText(name)})`
}

function integerSql(sql: string, from: SqlType, to: SqlType): string {
  const duck = duckType(to)
  if (isText(from))
    return `CAST(igp_text_to_integer(${sql}, ${quoteText(to.kind === 'integer' ? 'INT' : to.kind.toUpperCase())}, ${bounds(to)}) AS ${duck})`
  if (from.kind === 'boolean') return `CAST(${sql} AS ${duck})`
  if (isInteger(from))
    return bits(from) <= bits(to)
      ? `CAST(${sql} AS ${duck})`
      : `CAST(igp_narrow(${sql}, ${quoteText(to.kind)}, ${bounds(to)}) AS ${duck})`
  if (from.kind === 'decimal')
    return `CAST(igp_decimal_to_integer(${sql}, ${quoteText(to.kind.toUpperCase())}, ${bounds(to)}) AS ${duck})`
  return `CAST(igp_double_to_integer(CAST(${sql} AS DOUBLE), ${quoteText(to.kind)}, ${bounds(to)}) AS ${duck})`
}

function bits(type: SqlType): number {
  return { tinyint: 8, smallint: 16, integer: 32, bigint: 64 }[type.kind as 'tinyint']
}

function bounds(type: SqlType): string {
  const most = 2n ** BigInt(bits(type) - 1)
  return `${-most}, ${most - 1n}`
}

function decimalSql(sql: string, from: SqlType, to: Extract<SqlType, { kind: 'decimal' }>): string {
  const duck = duckType(to)
  if (from.kind === 'decimal' && to.scale >= from.scale && to.precision - to.scale >= from.precision - from.scale)
    return `CAST(${sql} AS ${duck})`
  // Every value of the integer's type fits.
  if (isInteger(from) && to.precision - to.scale >= (asDecimal(from)?.precision ?? 0)) return `CAST(${sql} AS ${duck})`
  if (isText(from))
    return `igp_or_fail(TRY_CAST(CASE WHEN regexp_full_match(${sql}, '[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?') THEN ${sql} END AS ${duck}), ${sql}, ${quoteText(`INVALID_CAST_ARGUMENT: Cannot cast VARCHAR '{}' to ${typeName(to).toUpperCase().replace(',', ', ')}`)})`
  const value =
    from.kind === 'boolean'
      ? `CAST(${sql} AS INTEGER)`
      : isFloating(from)
        ? `igp_double_to_decimal_text(${from.kind === 'real' ? `CAST(igp_real_text(${sql}) AS DOUBLE)` : sql}, ${to.scale})`
        : sql
  const shown = isFloating(from) ? textSql(sql, from) : `CAST(${sql} AS VARCHAR)`
  const name = from.kind === 'decimal' ? 'DECIMAL' : from.kind.toUpperCase()
  return `igp_or_fail(TRY_CAST(${value} AS ${duck}), ${shown}, ${quoteText(`INVALID_CAST_ARGUMENT: Cannot cast ${name} '{}' to ${typeName(to).toUpperCase().replace(',', ', ')}`)})`
}

function dateSql(sql: string, from: SqlType): string {
  if (isText(from)) return `igp_text_to_date(${sql})`
  return `CAST(${from.kind === 'timestamp' && from.zoned ? localSql(sql) : sql} AS DATE)`
}

function timestampSql(sql: string, from: SqlType, to: Extract<SqlType, { kind: 'timestamp' | 'time' }>): string {
  if (isText(from)) {
    if (to.zoned) return `igp_parse_zoned(${sql}, ${to.precision})`
    return `igp_text_to_timestamp(${sql}, ${to.precision})`
  }
  if (from.kind === 'timestamp' && from.zoned) {
    if (!to.zoned) return rounded(localSql(sql), from.precision, to.precision)
    return from.precision <= to.precision
      ? sql
      : `igp_zoned(${rounded(`(${sql}).t`, from.precision, to.precision)}, (${sql}).z)`
  }
  const precision = from.kind === 'timestamp' ? from.precision : 0
  const moment =
    from.kind === 'time' ? `(DATE '1970-01-01' + ${from.zoned ? `(${sql}).t` : sql})` : `CAST(${sql} AS TIMESTAMP)`
  const local = rounded(moment, from.kind === 'time' ? from.precision : precision, to.precision)
  return to.zoned ? `igp_zoned(${local}, 'UTC')` : local
}

/** Fewer fraction digits, rounded half up. */
export function rounded(sql: string, from: number, to: number): string {
  if (from <= to) return sql
  const unit = 10 ** (6 - to)
  return `make_timestamp(((epoch_us(${sql}) + ${unit / 2}) // ${unit} - CASE WHEN (epoch_us(${sql}) + ${unit / 2}) % ${unit} < 0 THEN 1 ELSE 0 END) * ${unit})`
}

function timeSql(sql: string, from: SqlType, to: Extract<SqlType, { kind: 'timestamp' | 'time' }>): string {
  if (to.zoned) return `igp_parse_zoned_time(${textSql(sql, from)}, ${to.precision})`
  if (isText(from)) return `igp_text_to_time(${sql}, ${to.precision})`
  if (from.kind === 'timestamp') {
    const local = from.zoned ? localSql(sql) : sql
    return `CAST(${rounded(local, from.precision, to.precision)} AS TIME)`
  }
  const precision = from.kind === 'time' ? from.precision : 0
  const plain = from.kind === 'time' && from.zoned ? `(${sql}).t` : sql
  return precision <= to.precision
    ? plain
    : `CAST(${rounded(`(DATE '1970-01-01' + ${plain})`, precision, to.precision)} AS TIME)`
}

function binarySql(sql: string, from: SqlType): string {
  if (from.kind === 'uuid') return `unhex(replace(CAST(${sql} AS VARCHAR), '-', ''))`
  if (from.kind === 'ipaddress') return sql
  return `encode(${textSql(sql, from)})`
}

function nestedSql(sql: string, from: SqlType, to: SqlType): string {
  if (duckType(from) === duckType(to) && isPlainRelabel(from, to)) return sql
  if (from.kind === 'array' && to.kind === 'array') {
    const element = lambdaName(sql)
    return `list_transform(${sql}, lambda ${element}: ${castSql({ sql: element, type: from.element }, to.element)})`
  }
  if (from.kind === 'map' && to.kind === 'map') {
    const [key, value] = [lambdaName(sql), `${lambdaName(sql)}v`]
    return `map(list_transform(map_keys(${sql}), lambda ${key}: ${castSql({ sql: key, type: from.key }, to.key)}), list_transform(map_values(${sql}), lambda ${value}: ${castSql({ sql: value, type: from.value }, to.value)}))`
  }
  if (from.kind === 'row' && to.kind === 'row') {
    const fields = from.fields.map(
      (field, i) =>
        `f${i} := ${castSql({ sql: `(${sql}).f${i}`, type: field.type }, (to.fields[i] as { type: SqlType }).type)}`,
    )
    return `CASE WHEN ${sql} IS NOT NULL THEN struct_pack(${fields.join(', ')}) END`
  }
  throw new Error(`no way from ${typeName(from)} to ${typeName(to)}`)
}

/** Only names of fields or unbounded lengths differ: nothing is to be done. */
function isPlainRelabel(from: SqlType, to: SqlType): boolean {
  if (from.kind === 'array' && to.kind === 'array') return isPlainRelabel(from.element, to.element)
  if (from.kind === 'map' && to.kind === 'map')
    return isPlainRelabel(from.key, to.key) && isPlainRelabel(from.value, to.value)
  if (from.kind === 'row' && to.kind === 'row')
    return from.fields.every((field, i) => isPlainRelabel(field.type, (to.fields[i] as { type: SqlType }).type))
  if (from.kind === 'varchar' && to.kind === 'varchar')
    return to.length === undefined || (from.length !== undefined && from.length <= to.length)
  return sameType(from, to)
}

/** A lambda's parameter that is not in the text it is used in. */
export function lambdaName(sql: string): string {
  let n = 0
  while (sql.includes(`e${n}_`)) n++
  return `e${n}_`
}
