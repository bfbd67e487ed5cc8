/** Trino's date and time functions. Format strings are translated when they are literals, and refused otherwise. */
import { quoteText } from '../cursor.ts'
import type { FunctionCall, FunctionRule } from '../dialect.ts'
import { wrongArguments } from '../functionCalls.ts'
import { notSupported } from '../sqlError.ts'

const parts: Record<string, string> = {
  year: 'year($1)',
  quarter: 'quarter($1)',
  month: 'month($1)',
  week: 'week($1)',
  week_of_year: 'week($1)',
  day: 'day($1)',
  day_of_month: 'day($1)',
  day_of_week: 'isodow($1)',
  dow: 'isodow($1)',
  day_of_year: 'dayofyear($1)',
  doy: 'dayofyear($1)',
  year_of_week: 'isoyear($1)',
  yow: 'isoyear($1)',
  hour: 'hour($1)',
  minute: 'minute($1)',
  second: 'second($1)',
  millisecond: '(millisecond($1) % 1000)',
}

export const trinoDateParts: Record<string, string> = parts

const units = ['millisecond', 'second', 'minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']

export const trinoDateFunctions: Record<string, FunctionRule> = {
  ...parts,
  date: 'CAST($1 AS DATE)',
  date_trunc: (call) => {
    const value = call.args[1]
    if (!value) throw wrongArguments(call)
    return `cast_to_type(date_trunc('${unit(call)}', ${value.sql}), ${value.sql})`
  },
  date_add: (call) => {
    const [, count, value] = call.args
    if (!count || !value) throw wrongArguments(call)
    return `cast_to_type(${value.sql} + ${intervalOf(unit(call), count.sql)}, ${value.sql})`
  },
  date_diff: (call) => {
    const [, from, to] = call.args
    if (!from || !to) throw wrongArguments(call)
    return `date_sub('${unit(call)}', ${from.sql}, ${to.sql})`
  },
  last_day_of_month: 'last_day($1)',
  from_unixtime: { 1: 'to_timestamp(CAST($1 AS DOUBLE))' },
  to_unixtime: 'epoch($1)',
  from_iso8601_date: 'CAST($1 AS DATE)',
  from_iso8601_timestamp: (call) => {
    const text = call.args[0]
    if (text?.literal && !/(Z|[+]00:?00)$/.test(text.literal.text))
      throw notSupported('from_iso8601_timestamp of a text without a UTC zone', call.at)
    return `CAST(${text?.sql} AS TIMESTAMPTZ)`
  },
  to_iso8601: (call) => {
    if (call.args[0]?.kind !== 'date') throw notSupported('to_iso8601 of anything but a date', call.at)
    return `CAST(${call.args[0].sql} AS VARCHAR)`
  },
  date_format: (call) => `strftime(${call.args[0]?.sql}, ${quoteText(mysqlFormat(call))})`,
  date_parse: (call) => `strptime(${call.args[0]?.sql}, ${quoteText(mysqlFormat(call))})`,
  format_datetime: (call) => `strftime(${call.args[0]?.sql}, ${quoteText(jodaFormat(call))})`,
  now: { 0: 'igp_now()' },
}

function unit(call: FunctionCall): string {
  const literal = call.args[0]?.literal
  const name = literal?.kind === 'string' ? literal.text.toLowerCase() : undefined
  if (!name) throw notSupported(`${call.name} with a unit that is not a literal`, call.at)
  if (!units.includes(name)) throw notSupported(`${call.name}('${name}')`, call.at)
  return name
}

function intervalOf(name: string, count: string): string {
  if (name === 'quarter') return `to_months(3 * CAST(${count} AS INTEGER))`
  if (name === 'week') return `to_days(7 * CAST(${count} AS INTEGER))`
  if (['day', 'month', 'year'].includes(name)) return `to_${name}s(CAST(${count} AS INTEGER))`
  return `to_${name}s(CAST(${count} AS BIGINT))`
}

/** MySQL's letters that mean the same in strftime, or have an equal there. */
const mysqlLetters: Record<string, string> = {
  a: '%a',
  b: '%b',
  d: '%d',
  e: '%-d',
  f: '%f',
  H: '%H',
  h: '%I',
  I: '%I',
  i: '%M',
  j: '%j',
  k: '%-H',
  l: '%-I',
  M: '%B',
  m: '%m',
  c: '%-m',
  p: '%p',
  r: '%I:%M:%S %p',
  S: '%S',
  s: '%S',
  T: '%H:%M:%S',
  v: '%V',
  W: '%A',
  Y: '%Y',
  y: '%y',
  x: '%G',
  '%': '%%',
}

function mysqlFormat(call: FunctionCall): string {
  const format = literalFormat(call)
  return format.replace(/%(.)|%$/gs, (_, letter: string) => {
    const mapped = mysqlLetters[letter]
    if (!mapped) throw notSupported(`%${letter} in a date format`, call.at)
    return mapped
  })
}

const jodaFields: Record<string, string> = {
  yyyy: '%Y',
  YYYY: '%Y',
  yy: '%y',
  y: '%-Y',
  MMMM: '%B',
  MMM: '%b',
  MM: '%m',
  M: '%-m',
  dd: '%d',
  d: '%-d',
  HH: '%H',
  H: '%-H',
  hh: '%I',
  h: '%-I',
  mm: '%M',
  m: '%-M',
  ss: '%S',
  s: '%-S',
  SSS: '%g',
  EEEE: '%A',
  EEE: '%a',
  E: '%a',
  a: '%p',
  DDD: '%j',
  ww: '%V',
  xxxx: '%G',
}

function jodaFormat(call: FunctionCall): string {
  const format = literalFormat(call)
  let text = ''
  for (const match of format.matchAll(/'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z']+/g)) {
    const piece = match[0]
    if (match[1] !== undefined) text += (match[1] === '' ? "'" : match[1].replaceAll("''", "'")).replaceAll('%', '%%')
    else if (match[2]) {
      const mapped = jodaFields[piece]
      if (!mapped) throw notSupported(`'${piece}' in a date format`, call.at)
      text += mapped
    } else text += piece.replaceAll('%', '%%')
  }
  return text
}

function literalFormat(call: FunctionCall): string {
  const literal = call.args[1]?.literal
  if (literal?.kind !== 'string') throw notSupported(`${call.name} with a format that is not a literal`, call.at)
  return literal.text
}
