/** Dates and times as text: MySQL's formats (date_format), Joda's (format_datetime), ISO 8601, zones. Moments are microseconds. */
import { jodaFormat, jodaParse } from './joda.ts'
import { mysqlFormat, mysqlParse } from './mysqlFormats.ts'
import { invalidArgument, type Native, NativeError, native } from './native.ts'

const timestampText =
  /^\s*([+-]?\d{1,7})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?)?\s*([A-Za-z][\w/+:-]*|[+-]\d{1,2}(?::?\d{2})?)?\s*$/

/** Microseconds since 1970 of a wall clock; undefined where there is no such day or time. */
export function microsOf(
  year: number,
  month: number,
  day: number,
  hour = 0,
  minute = 0,
  second = 0,
  micros = 0,
): bigint | undefined {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second, 0)
  const isReal =
    date.getUTCMonth() === month - 1 && date.getUTCDate() === day && hour < 24 && minute < 60 && second < 60
  return isReal ? BigInt(date.getTime()) * 1000n + BigInt(micros) : undefined
}

/** Half up to `digits` of fraction. */
function microsFraction(fraction: string | undefined, digits: number): number {
  if (!fraction) return 0
  const scale = 10 ** digits
  return Math.round(Number(`0.${fraction}`) * scale) * (1_000_000 / scale)
}

function parseTimestamp(text: string, digits: number): { micros: bigint; zone: string | undefined } | undefined {
  const match = timestampText.exec(text)
  if (!match) return undefined
  const [, year, month, day, hour = '0', minute = '0', second = '0', fraction, zone] = match
  const micros = microsOf(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second))
  return micros === undefined ? undefined : { micros: micros + BigInt(microsFraction(fraction, digits)), zone }
}

/** `UTC`, an IANA name in its own spelling, or `+03:00`. */
export function zoneName(text: string): string {
  const offset = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::?(\d{2}))?$/i.exec(text)
  if (offset) {
    const [, sign, hours = '', minutes = '00'] = offset
    if (Number(hours) > 14 || Number(minutes) > 59) throw invalidArgument(`Invalid offset: ${text}`)
    return Number(hours) === 0 && Number(minutes) === 0 ? 'UTC' : `${sign}${hours.padStart(2, '0')}:${minutes}`
  }
  if (/^(z|utc|gmt|ut|etc\/utc|zulu|etc\/gmt)$/i.test(text)) return 'UTC'
  try {
    const canonical = new Intl.DateTimeFormat('en', { timeZone: text }).resolvedOptions().timeZone
    return canonical.toLowerCase() === text.toLowerCase() ? canonical : text
  } catch {
    throw invalidArgument(`'${text}' is not a valid time zone`)
  }
}

/** Minutes east of UTC at an instant. */
export function offsetAt(zone: string, instant: bigint): number {
  if (zone === 'UTC') return 0
  const fixed = /^([+-])(\d{2}):(\d{2})$/.exec(zone)
  if (fixed) return (fixed[1] === '-' ? -1 : 1) * (Number(fixed[2]) * 60 + Number(fixed[3]))
  const millis = Number(instant / 1000n)
  const parts = new Intl.DateTimeFormat('en', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
    era: 'short',
  }).formatToParts(new Date(millis))
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value)
  const local = microsOf(part('year'), part('month'), part('day'), part('hour'), part('minute'), part('second')) ?? 0n
  return Math.round((Number(local / 1000n) - Math.floor(millis / 1000) * 1000) / 60_000)
}

/** The instant of a wall clock; in a gap the clock is moved on by it, in an overlap the first of the two. */
export function instantAt(local: bigint, zone: string): bigint {
  const minute = 60_000_000n
  const before = offsetAt(zone, local - 24n * 60n * minute)
  const after = offsetAt(zone, local + 24n * 60n * minute)
  for (const offset of [before, after]) {
    const instant = local - BigInt(offset) * minute
    if (offsetAt(zone, instant) === offset) return instant
  }
  return local - BigInt(before) * minute
}

export function offsetText(minutes: bigint | number): string {
  const total = Number(minutes)
  if (Math.abs(total) > 14 * 60) throw invalidArgument(`Invalid offset minutes ${total}`)
  const size = Math.abs(total)
  return `${total < 0 ? '-' : '+'}${String(Math.floor(size / 60)).padStart(2, '0')}:${String(size % 60).padStart(2, '0')}`
}

const zonedText = (instant: bigint, zone: string) => `${instant}|${zone}`

function parseZoned(text: string, digits: number): string {
  const parsed = parseTimestamp(text, digits)
  if (!parsed)
    throw new NativeError('INVALID_CAST_ARGUMENT', `Value cannot be cast to timestamp with time zone: ${text}`)
  const zone = zoneName(parsed.zone ?? 'UTC')
  return zonedText(instantAt(parsed.micros, zone), zone)
}

const iso =
  /^([+-]?\d{4,6})(?:-(\d{2})(?:-(\d{2}))?|-W(\d{2})(?:-(\d))?|-(\d{3}))?(?:T(?:(\d{2})(?::(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?)?(Z|[+-]\d{2}(?::?\d{2})?)?)?$/

function isoMicros(text: string, digits: number): { micros: bigint; zone: string | undefined } | undefined {
  const match = iso.exec(text)
  if (!match) return undefined
  const [
    ,
    year,
    month = '1',
    day = '1',
    week,
    weekday = '1',
    ordinal,
    hour = '0',
    minute = '0',
    second = '0',
    fraction,
    zone,
  ] = match
  let base = microsOf(Number(year), Number(month), Number(day), Number(hour), Number(minute), Number(second))
  if (week !== undefined || ordinal !== undefined) {
    const first = microsOf(
      Number(year),
      1,
      week === undefined ? 1 : 4,
      Number(hour),
      Number(minute),
      Number(second),
    ) as bigint
    const dayMicros = 86_400_000_000n
    const back = week === undefined ? 0 : (new Date(Number(first / 1000n)).getUTCDay() + 6) % 7
    const days = week === undefined ? Number(ordinal) - 1 : (Number(week) - 1) * 7 + Number(weekday) - 1 - back
    base = first + BigInt(days) * dayMicros
  }
  return base === undefined ? undefined : { micros: base + BigInt(microsFraction(fraction, digits)), zone }
}

function fromIso(text: string, digits: number): string {
  const parsed = isoMicros(text, digits)
  if (!parsed) throw invalidArgument(`Invalid format: "${text}"`)
  const zone = zoneName(parsed.zone ?? 'UTC')
  return zonedText(instantAt(parsed.micros, zone), zone)
}

function zonedTimeParts(text: string, digits: number): string {
  const match = /^\s*(\d{1,2}):(\d{1,2})(?::(\d{1,2})(?:\.(\d{1,12}))?)?\s*([+-]\d{1,2}(?::?\d{2})?)?\s*$/.exec(text)
  if (!match) throw new NativeError('INVALID_CAST_ARGUMENT', `Value cannot be cast to time with time zone: ${text}`)
  const [, hour = '', minute, second = '00', fraction = '', zone = '+00:00'] = match
  const micros = String(microsFraction(fraction, digits)).padStart(6, '0')
  return `${hour.padStart(2, '0')}:${minute}:${second.padStart(2, '0')}.${micros}|${offsetAt(zoneName(zone), 0n)}`
}

const durations: Record<string, number> = { ns: 1e-6, us: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

function parseDuration(text: string): bigint {
  const match = /^\s*(\d+(?:\.\d+)?)\s*(ns|us|ms|s|m|h|d)\s*$/.exec(text)
  if (!match) throw invalidArgument(`duration is not a valid data duration string: ${text}`)
  return BigInt(Math.round(Number(match[1]) * (durations[match[2] as string] as number)))
}

export const dateNatives: readonly Native[] = [
  native('parse_timestamp', ['VARCHAR', 'INTEGER'], 'BIGINT', (text, digits) => {
    const parsed = parseTimestamp(text, digits)
    return parsed && parsed.zone === undefined ? parsed.micros : null
  }),
  native('parse_zoned_text', ['VARCHAR', 'INTEGER'], 'VARCHAR', parseZoned),
  native('from_iso8601_text', ['VARCHAR', 'INTEGER'], 'VARCHAR', fromIso),
  native('from_iso8601_date', ['VARCHAR'], 'VARCHAR', (text) => {
    const parsed = text.includes('T') ? undefined : isoMicros(text, 0)
    if (!parsed) throw invalidArgument(`Invalid format: "${text}"`)
    return new Date(Number(parsed.micros / 1000n)).toISOString().slice(0, 10)
  }),
  native('zoned_time_parts', ['VARCHAR', 'INTEGER'], 'VARCHAR', zonedTimeParts),
  native('zone', ['VARCHAR'], 'VARCHAR', zoneName),
  native('offset_text', ['BIGINT'], 'VARCHAR', (minutes) => offsetText(minutes)),
  native('date_format', ['BIGINT', 'VARCHAR'], 'VARCHAR', mysqlFormat),
  native('date_parse', ['VARCHAR', 'VARCHAR'], 'BIGINT', mysqlParse),
  native('format_datetime', ['BIGINT', 'VARCHAR', 'BIGINT', 'VARCHAR'], 'VARCHAR', (micros, zone, offset, pattern) =>
    jodaFormat(micros, { zone, offset: Number(offset) }, pattern),
  ),
  native('parse_datetime', ['VARCHAR', 'VARCHAR'], 'VARCHAR', (text, pattern) => {
    const { local, zone } = jodaParse(text, pattern)
    const name = zoneName(zone ?? 'UTC')
    return zonedText(instantAt(local, name), name)
  }),
  native('parse_duration', ['VARCHAR'], 'BIGINT', parseDuration),
]
