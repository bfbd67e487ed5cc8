/**
 * Redshift's functions, types and literals as DuckDB's. What is not in these tables is refused by name: DuckDB's own
 * functions, which may bear the same name and mean something else, cannot be reached by accident.
 */
import { quoteText } from '../cursor.ts'
import { notSupported } from '../sqlError.ts'
import type { Dialect, DialectType, Fragment, FunctionCall, FunctionRule } from './dialect.ts'
import { wrongArguments } from './functionCalls.ts'
import { readRedshiftType } from './redshiftTypes.ts'

export const redshiftMacros: readonly string[] = [
  `igp_div(a, b) AS CASE WHEN b = 0 THEN error('ERROR: Divide by zero.') ELSE a / b END`,
  `igp_mod(a, b) AS CASE WHEN b = 0 THEN error('ERROR: Divide by zero.') ELSE a % b END`,
  // A start before the first character takes from the length.
  `igp_substr2(s, p) AS substr(s, greatest(p, 1))`,
  `igp_substr3(s, p, n) AS substr(s, greatest(p, 1), greatest(n + least(p, 1) - 1, 0))`,
  `igp_round_text(x) AS CAST(x AS VARCHAR)`,
]

const same = (...list: string[]): Record<string, FunctionRule> =>
  Object.fromEntries(list.map((name) => [name, `${name}($*)`]))
const aggregate = (...list: string[]): Record<string, FunctionRule> =>
  Object.fromEntries(list.map((name) => [name, `${name}{$*}`]))

const units: Record<string, string> = {
  year: 'year',
  years: 'year',
  y: 'year',
  yr: 'year',
  yy: 'year',
  quarter: 'quarter',
  qtr: 'quarter',
  q: 'quarter',
  month: 'month',
  months: 'month',
  mon: 'month',
  mm: 'month',
  week: 'week',
  weeks: 'week',
  w: 'week',
  day: 'day',
  days: 'day',
  d: 'day',
  dd: 'day',
  hour: 'hour',
  hours: 'hour',
  hr: 'hour',
  h: 'hour',
  hh: 'hour',
  minute: 'minute',
  minutes: 'minute',
  min: 'minute',
  m: 'minute',
  mi: 'minute',
  second: 'second',
  seconds: 'second',
  sec: 'second',
  s: 'second',
  millisecond: 'millisecond',
  ms: 'millisecond',
}

function unitOf(call: FunctionCall): string {
  const first = call.args[0]
  const name = (first?.column ?? first?.literal?.text ?? '').toLowerCase()
  const unit = units[name]
  if (!unit) throw notSupported(`${call.name}(${name || '…'})`, call.at)
  return unit
}

const dates: Record<string, FunctionRule> = {
  getdate: (_, t) => `CAST('${t.now}' AS TIMESTAMP)`,
  sysdate: (_, t) => `CAST('${t.now}' AS TIMESTAMP)`,
  now: (_, t) => `CAST('${t.now}+00' AS TIMESTAMPTZ)`,
  dateadd: (call) => {
    const [, count, value] = call.args
    if (!count || !value) throw wrongArguments(call)
    const unit = unitOf(call)
    const step =
      unit === 'quarter'
        ? `to_months(3 * CAST(${count.sql} AS INTEGER))`
        : unit === 'week'
          ? `to_days(7 * CAST(${count.sql} AS INTEGER))`
          : `to_${unit}s(CAST(${count.sql} AS INTEGER))`
    return `(${moment(value)} + ${step})`
  },
  // Boundaries crossed, not whole units: DuckDB's date_diff counts the same way.
  datediff: (call) => {
    const [, from, to] = call.args
    if (!from || !to) throw wrongArguments(call)
    return `date_diff('${unitOf(call)}', ${moment(from)}, ${moment(to)})`
  },
  date_diff: (call) =>
    `date_diff('${unitOf(call)}', ${moment(call.args[1] as Fragment)}, ${moment(call.args[2] as Fragment)})`,
  date_trunc: (call) => `CAST(date_trunc('${unitOf(call)}', ${moment(call.args[1] as Fragment)}) AS TIMESTAMP)`,
  date_part: (call) => datePart(unitName(call), (call.args[1] as Fragment).sql, call),
  last_day: 'last_day($1)',
  add_months: { 2: 'CAST($1 + to_months(CAST($2 AS INTEGER)) AS TIMESTAMP)' },
  trunc: { 1: 'trunc($1)', 2: 'trunc($1, $2)' },
  to_date: (call) => `CAST(strptime(${call.args[0]?.sql}, ${quoteText(strptimeFormat(call))}) AS DATE)`,
  to_timestamp: (call) => `CAST(strptime(${call.args[0]?.sql}, ${quoteText(strptimeFormat(call))}) AS TIMESTAMPTZ)`,
  to_char: (call) => `strftime(${call.args[0]?.sql}, ${quoteText(strptimeFormat(call))})`,
}

function moment(value: Fragment): string {
  return value.literal?.kind === 'string' ? `CAST(${value.sql} AS TIMESTAMP)` : value.sql
}

function unitName(call: FunctionCall): string {
  return (call.args[0]?.column ?? call.args[0]?.literal?.text ?? '').toLowerCase()
}

const dateParts: Record<string, string> = {
  year: 'year($1)',
  quarter: 'quarter($1)',
  month: 'month($1)',
  week: 'week($1)',
  day: 'day($1)',
  hour: 'hour($1)',
  minute: 'minute($1)',
  second: 'second($1)',
  epoch: 'CAST(epoch($1) AS BIGINT)',
  dow: 'dayofweek($1)',
  dayofweek: 'dayofweek($1)',
  weekday: 'dayofweek($1)',
  doy: 'dayofyear($1)',
  dayofyear: 'dayofyear($1)',
}

function datePart(name: string, value: string, call: FunctionCall): string {
  const part = dateParts[name] ?? dateParts[units[name] ?? '']
  if (!part) throw notSupported(`DATE_PART(${name})`, call.at)
  return part.replace('$1', value)
}

const formatPieces: [RegExp, string][] = [
  [/^YYYY/i, '%Y'],
  [/^YY/i, '%y'],
  [/^MONTH/i, '%B'],
  [/^MON/i, '%b'],
  [/^MM/, '%m'],
  [/^mm(?!i)/, '%m'],
  [/^DDD/i, '%j'],
  [/^DD/i, '%d'],
  [/^HH24/i, '%H'],
  [/^HH12/i, '%I'],
  [/^HH/i, '%I'],
  [/^MI/i, '%M'],
  [/^SS/i, '%S'],
  [/^(US)/i, '%f'],
  [/^MS/i, '%g'],
  [/^(AM|PM)/i, '%p'],
  [/^DAY/i, '%A'],
  [/^DY/i, '%a'],
]

/** `YYYY-MM-DD HH24:MI:SS` as strptime writes it. */
export function dateFormat(format: string): string {
  let text = ''
  for (let at = 0; at < format.length; ) {
    const rest = format.slice(at)
    const piece = formatPieces.find(([pattern]) => pattern.test(rest))
    if (piece) {
      text += piece[1]
      at += (piece[0].exec(rest) as RegExpExecArray)[0].length
    } else if (/^[A-Za-z]/.test(rest) && !/^T/.test(rest)) throw notSupported(`'${rest}' in a date format`)
    else {
      text += rest[0] === '%' ? '%%' : rest[0]
      at++
    }
  }
  return text
}

function strptimeFormat(call: FunctionCall): string {
  const literal = call.args[1]?.literal
  if (literal?.kind !== 'string') throw notSupported(`${call.name} with a format that is not a literal`, call.at)
  return dateFormat(literal.text)
}

const functions: Record<string, FunctionRule> = {
  ...aggregate(
    'count',
    'sum',
    'min',
    'max',
    'bool_and',
    'bool_or',
    'stddev_samp',
    'stddev_pop',
    'stddev',
    'var_samp',
    'var_pop',
    'variance',
    'median',
    'row_number',
    'rank',
    'dense_rank',
    'percent_rank',
    'cume_dist',
    'ntile',
    'lag',
    'lead',
    'first_value',
    'last_value',
    'nth_value',
    'any_value',
  ),
  // Integers average to an integer, decimals keep their scale.
  avg: 'cast_to_type(sum{$1} / count{$1}, sum{$1})',
  listagg: { 1: "string_agg{$1, ''}", 2: 'string_agg{$1, $2}' },
  ...same(
    'coalesce',
    'nullif',
    'greatest',
    'least',
    'lower',
    'upper',
    'replace',
    'reverse',
    'translate',
    'abs',
    'sqrt',
    'exp',
    'ln',
    'pi',
    'sin',
    'cos',
    'tan',
    'atan',
    'asin',
    'acos',
    'degrees',
    'radians',
    'ltrim',
    'rtrim',
    'trim',
    'repeat',
    'md5',
    'chr',
    'random',
    'initcap_unused',
  ),
  nvl: 'coalesce($*)',
  nvl2: { 3: 'CASE WHEN $1 IS NOT NULL THEN $2 ELSE $3 END' },
  decode: (call) => {
    const [subject, ...rest] = call.args.map((arg) => arg.sql)
    let sql = 'CASE'
    for (let i = 0; i + 1 < rest.length; i += 2)
      sql += ` WHEN ${subject} IS NOT DISTINCT FROM ${rest[i]} THEN ${rest[i + 1]}`
    return `${sql}${rest.length % 2 === 1 ? ` ELSE ${rest[rest.length - 1]}` : ''} END`
  },
  isnull: { 2: 'coalesce($1, $2)' },
  len: 'length($1)',
  length: 'length($1)',
  char_length: 'length($1)',
  octet_length: 'strlen($1)',
  concat: { 2: '($1 || $2)' },
  substr: { 2: 'igp_substr2($1, $2)', 3: 'igp_substr3($1, $2, $3)' },
  left: 'left($1, $2)',
  right: 'right($1, $2)',
  lpad: { 2: "lpad($1, $2, ' ')", 3: 'lpad($1, $2, $3)' },
  rpad: { 2: "rpad($1, $2, ' ')", 3: 'rpad($1, $2, $3)' },
  btrim: { 1: "trim($1, ' ')", 2: 'trim($1, $2)' },
  charindex: { 2: 'instr($2, $1)' },
  strpos: { 2: 'instr($1, $2)' },
  split_part: 'split_part($1, $2, $3)',
  regexp_replace: { 2: "regexp_replace($1, $2, '', 'g')", 3: "regexp_replace($1, $2, $3, 'g')" },
  regexp_substr: { 2: 'regexp_extract($1, $2)' },
  regexp_count: { 2: 'len(regexp_extract_all($1, $2))' },
  ceil: 'ceil($1)',
  ceiling: 'ceil($1)',
  floor: 'floor($1)',
  round: { 1: 'round($1)', 2: 'round($1, CAST($2 AS INTEGER))' },
  mod: { 2: 'igp_mod($1, $2)' },
  power: 'power($1, $2)',
  pow: 'power($1, $2)',
  log: { 1: 'log10($1)' },
  sign: 'sign($1)',
  sha1: 'sha1($1)',
  sha2: (call) => {
    if (call.args[1]?.sql !== '256') throw notSupported('SHA2 with another length than 256', call.at)
    return `sha256(${call.args[0]?.sql})`
  },
  json_extract_path_text: (call) => {
    const [json, ...path] = call.args
    const text = path.map((part) => `."${part.literal?.text ?? ''}"`).join('')
    return `json_extract_string(${json?.sql}, '$${text.replaceAll("'", "''")}')`
  },
  is_valid_json: 'json_valid($1)',
  json_parse: 'CAST($1 AS JSON)',
  current_database: { 0: 'current_database()' },
  current_user_id: { 0: '100' },
  version: { 0: "'PostgreSQL 8.0.2 on i686-pc-linux-gnu, compiled by GCC, Redshift 1.0 (Igarape)'" },
  ...dates,
}
delete functions.initcap_unused

export const redshiftDialect: Dialect = {
  functions,
  keywords: {
    CURRENT_DATE: (t) => `CAST('${t.now.slice(0, 10)}' AS DATE)`,
    CURRENT_TIMESTAMP: (t) => `CAST('${t.now}+00' AS TIMESTAMPTZ)`,
    SYSDATE: (t) => `CAST('${t.now}' AS TIMESTAMP)`,
    CURRENT_USER: () => "'awsuser'",
    USER: () => "'awsuser'",
    CURRENT_SCHEMA: () => "'public'",
    DEFAULT: () => 'DEFAULT',
  },
  readType: readRedshiftType,
  cast(value: Fragment, type: DialectType, safe: boolean): string {
    const cast = `${safe ? 'TRY_CAST' : 'CAST'}(${value.sql} AS ${type.sql})`
    // A cast to a shorter text cuts it, unlike an assignment.
    return type.base === 'varchar' || type.base === 'char' ? `left(${cast}, ${type.args[0]})` : cast
  },
  divide: (left, right) => `igp_div(${left}, ${right})`,
  modulo: (left, right) => `igp_mod(${left}, ${right})`,
  subscript: (base, index) => `json_extract(${base.sql}, '$[' || ${index.sql} || ']')`,
  dateParts,
  typedLiteral(type, text, at) {
    if (['date', 'timestamp', 'time', 'timestamptz'].includes(type))
      return `CAST(${quoteText(text)} AS ${type.toUpperCase()})`
    if (type === 'interval') throw notSupported('INTERVAL', at)
    return undefined
  },
}
