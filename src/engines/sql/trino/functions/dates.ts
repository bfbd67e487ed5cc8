/** Dates and times (trino.io, "Date and time functions and operators"). */
import { localSql } from '../casts.ts'
import { dateAddSql, dateDiffSql, truncSql } from '../dateExpressions.ts'
import { duckType, type SqlType } from '../sqlTypes.ts'
import type { CallContext, FunctionLine, FunctionTable } from './table.ts'

type Args = readonly string[]

const typeOfArgument = ({ args }: CallContext, i: number) => args[i]?.type as SqlType

const extracts: Record<string, string> = {
  year: 'year',
  quarter: 'quarter',
  month: 'month',
  week: 'week',
  week_of_year: 'week',
  day: 'day',
  day_of_month: 'day',
  day_of_week: 'isodow',
  dow: 'isodow',
  day_of_year: 'dayofyear',
  doy: 'dayofyear',
  year_of_week: 'isoyear',
  yow: 'isoyear',
  hour: 'hour',
  minute: 'minute',
  second: 'second',
  millisecond: 'millisecond',
  timezone_hour: 'timezone_hour',
  timezone_minute: 'timezone_minute',
}

function extractLines(): FunctionLine[] {
  return Object.keys(extracts).flatMap((name): FunctionLine[] => {
    const text = ([x]: Args, context: CallContext) => extractSql(name, x as string, typeOfArgument(context, 0))
    const ofDate = !['hour', 'minute', 'second', 'millisecond'].includes(name) && !name.startsWith('timezone')
    const ofTime = ['hour', 'minute', 'second', 'millisecond'].includes(name)
    return [
      ...(ofDate ? [[`${name}(date): bigint`, text] as const] : []),
      ...(name.startsWith('timezone') ? [] : [[`${name}(timestamp(p)): bigint`, text] as const]),
      [`${name}(timestamp(p) with time zone): bigint`, text],
      ...(ofTime
        ? [[`${name}(time(p)): bigint`, text] as const, [`${name}(interval day to second): bigint`, text] as const]
        : []),
      ...(name === 'day' ? [[`${name}(interval day to second): bigint`, text] as const] : []),
      ...(name === 'year' || name === 'month' ? [[`${name}(interval year to month): bigint`, text] as const] : []),
    ]
  })
}

export function extractSql(name: string, sql: string, type: SqlType): string {
  if (type.kind === 'interval day to second') {
    const [unit, modulus] = {
      day: [86_400_000, 0],
      hour: [3_600_000, 24],
      minute: [60_000, 60],
      second: [1000, 60],
      millisecond: [1, 1000],
    }[name] as [number, number]
    return `CAST(${modulus ? `(${sql} // ${unit}) % ${modulus}` : `${sql} // ${unit}`} AS BIGINT)`
  }
  if (type.kind === 'interval year to month')
    return `CAST(${name === 'year' ? `${sql} // 12` : `${sql} % 12`} AS BIGINT)`
  if (name === 'timezone_hour') return `(igp_offset_minutes(${sql}) // 60)`
  if (name === 'timezone_minute') return `(igp_offset_minutes(${sql}) % 60)`
  const local = 'zoned' in type && type.zoned ? (type.kind === 'time' ? `(${sql}).t` : localSql(sql)) : sql
  if (name === 'millisecond') return `CAST(millisecond(${local}) % 1000 AS BIGINT)`
  return `CAST(${extracts[name]}(${local}) AS BIGINT)`
}

type ByUnit = (unit: string, values: readonly string[], context: CallContext) => string

/** A function whose first argument is a unit: a constant, or NULL, and then so is the answer. */
function byUnit(sql: ByUnit): (args: Args, context: CallContext) => string {
  return ([unit = '', ...values], context) => {
    const constant = context.args[0]?.constant
    if (constant === null) return `CAST(NULL AS ${duckType(context.type)})`
    return sql(typeof constant === 'string' ? constant.toLowerCase() : unit, values, context)
  }
}

const units = byUnit((unit, [n = '', x = ''], { type }) => dateAddSql(unit, n, { sql: x, type }))

const diff = byUnit((unit, [a = '', b = ''], context) =>
  dateDiffSql(unit, { sql: a, type: typeOfArgument(context, 1) }, b),
)

const trunc = byUnit((unit, [x = ''], { type }) => truncSql(unit, { sql: x, type }))

const moments = ['date', 'timestamp(p)', 'timestamp(p) with time zone', 'time(p)']

export const dateFunctions: FunctionTable = {
  kind: 'scalar',
  lines: [
    ...extractLines(),
    ...moments.map((type): FunctionLine => [`date_add(varchar, bigint, ${type}): ${type}`, units]),
    ...moments.map((type): FunctionLine => [`date_diff(varchar, ${type}, ${type}): bigint`, diff]),
    ...moments.map((type): FunctionLine => [`date_trunc(varchar, ${type}): ${type}`, trunc]),
    ['date(varchar): date', 'igp_text_to_date($1)'],
    ['date(timestamp(p)): date', 'CAST($1 AS DATE)'],
    ['date(timestamp(p) with time zone): date', ([x]) => `CAST(${localSql(x as string)} AS DATE)`],
    ['date(date): date', '$1'],
    ['last_day_of_month(date): date', 'last_day($1)'],
    ['last_day_of_month(timestamp(p)): date', 'last_day($1)'],
    ['last_day_of_month(timestamp(p) with time zone): date', ([x]) => `last_day(${localSql(x as string)})`],
    [
      'from_unixtime(double): timestamp(3) with time zone',
      "igp_zoned(make_timestamp(CAST(round($1 * 1000) AS BIGINT) * 1000), 'UTC')",
    ],
    [
      'from_unixtime(double, varchar): timestamp(3) with time zone',
      'igp_zoned_at(make_timestamp(CAST(round($1 * 1000) AS BIGINT) * 1000), igp_zone($2))',
    ],
    [
      'from_unixtime(double, bigint, bigint): timestamp(3) with time zone',
      'igp_zoned_at(make_timestamp(CAST(round($1 * 1000) AS BIGINT) * 1000), igp_offset_zone($2, $3))',
    ],
    ['from_unixtime_nanos(bigint): timestamp(6) with time zone', "igp_zoned(make_timestamp($1 // 1000), 'UTC')"],
    ['to_unixtime(timestamp(p)): double', '(epoch_us($1) / CAST(1000000 AS DOUBLE))'],
    ['to_unixtime(timestamp(p) with time zone): double', '(epoch_us(($1).t) / CAST(1000000 AS DOUBLE))'],
    ['from_iso8601_timestamp(varchar): timestamp(3) with time zone', 'igp_from_iso8601($1, 3)'],
    ['from_iso8601_timestamp_nanos(varchar): timestamp(6) with time zone', 'igp_from_iso8601($1, 6)'],
    ['from_iso8601_date(varchar): date', 'CAST(igp_from_iso8601_date($1) AS DATE)'],
    ['to_iso8601(date): varchar', 'CAST($1 AS VARCHAR)'],
    [
      'to_iso8601(timestamp(p)): varchar',
      ([x], context) => `strftime(${x}, '%Y-%m-%dT%H:%M:%S${fraction(typeOfArgument(context, 0))}')`,
    ],
    [
      'to_iso8601(timestamp(p) with time zone): varchar',
      ([x], context) =>
        `(strftime(${localSql(x as string)}, '%Y-%m-%dT%H:%M:%S${fraction(typeOfArgument(context, 0))}') || igp_iso_offset(${x}))`,
    ],
    ['to_milliseconds(interval day to second): bigint', '$1'],
    ['parse_duration(varchar): interval day to second', 'igp_parse_duration($1)'],
    ['date_format(timestamp(p), varchar): varchar', 'igp_date_format(epoch_us($1), $2)'],
    [
      'date_format(timestamp(p) with time zone, varchar): varchar',
      ([x, format]) => `igp_date_format(epoch_us(${localSql(x as string)}), ${format})`,
    ],
    ['date_parse(varchar, varchar): timestamp(3)', 'make_timestamp(igp_date_parse($1, $2))'],
    ['format_datetime(timestamp(p), varchar): varchar', "igp_format_datetime(epoch_us($1), 'UTC', 0, $2)"],
    [
      'format_datetime(timestamp(p) with time zone, varchar): varchar',
      ([x, format]) =>
        `igp_format_datetime(epoch_us(${localSql(x as string)}), (${x}).z, igp_offset_minutes(${x}), ${format})`,
    ],
    ['parse_datetime(varchar, varchar): timestamp(3) with time zone', 'igp_parsed_zoned(igp_parse_datetime($1, $2))'],
    [
      'at_timezone(timestamp(p) with time zone, varchar): timestamp(p) with time zone',
      'igp_zoned_at(($1).t, igp_zone($2))',
    ],
    ['with_timezone(timestamp(p), varchar): timestamp(p) with time zone', 'igp_zoned($1, igp_zone($2))'],
    ['timezone(timestamp(p) with time zone): varchar', '($1).z'],
    ['current_timezone(): varchar', "'UTC'"],
  ],
}

/** As many digits as the type has. */
function fraction(type: SqlType): string {
  const precision = 'precision' in type ? type.precision : 0
  return precision === 0 ? '' : precision <= 3 ? '.%g' : '.%f'
}
