/** MySQL's date formats, as date_format and date_parse take them (trino.io, "MySQL date functions"). */
import { clockOf, months, weekdays } from './calendar.ts'
import { microsOf } from './dates.ts'
import { invalidArgument } from './native.ts'

const two = (value: number) => String(value).padStart(2, '0')
const unsupported = (char: string) => invalidArgument(`%${char} not supported in date format string`)

export function mysqlFormat(micros: bigint, pattern: string): string {
  const clock = clockOf(micros)
  const hour12 = clock.hour % 12 === 0 ? 12 : clock.hour % 12
  const write: Record<string, () => string> = {
    a: () => (weekdays[clock.weekday] as string).slice(0, 3),
    b: () => (months[clock.month - 1] as string).slice(0, 3),
    c: () => String(clock.month),
    d: () => two(clock.day),
    e: () => String(clock.day),
    f: () => String(clock.micros).padStart(6, '0'),
    H: () => two(clock.hour),
    h: () => two(hour12),
    I: () => two(hour12),
    i: () => two(clock.minute),
    j: () => String(clock.dayOfYear).padStart(3, '0'),
    k: () => String(clock.hour),
    l: () => String(hour12),
    M: () => months[clock.month - 1] as string,
    m: () => two(clock.month),
    p: () => (clock.hour < 12 ? 'AM' : 'PM'),
    r: () => `${two(hour12)}:${two(clock.minute)}:${two(clock.second)} ${clock.hour < 12 ? 'AM' : 'PM'}`,
    S: () => two(clock.second),
    s: () => two(clock.second),
    T: () => `${two(clock.hour)}:${two(clock.minute)}:${two(clock.second)}`,
    v: () => two(clock.isoWeek),
    W: () => weekdays[clock.weekday] as string,
    x: () => String(clock.isoYear).padStart(4, '0'),
    Y: () => String(clock.year).padStart(4, '0'),
    y: () => two(clock.year % 100),
    '%': () => '%',
  }
  return pattern.replace(/%([\s\S])/g, (_, char: string) => {
    if ('DUuVwX'.includes(char)) throw unsupported(char)
    return write[char]?.() ?? char
  })
}

interface Fields {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  micros: number
  afternoon?: boolean
  dayOfYear?: number
}

const shortNames = (names: string[]) => names.map((name) => name.slice(0, 3)).join('|')

/** What a specifier reads, and what it does with it. */
const readers: Record<string, { source: string; take?: (text: string) => Partial<Fields> }> = {
  a: { source: shortNames(weekdays) },
  b: { source: shortNames(months), take: (t) => ({ month: monthNumber(t) }) },
  c: { source: '\\d{1,2}', take: (t) => ({ month: Number(t) }) },
  d: { source: '\\d{1,2}', take: (t) => ({ day: Number(t) }) },
  e: { source: '\\d{1,2}', take: (t) => ({ day: Number(t) }) },
  f: { source: '\\d{1,9}', take: (t) => ({ micros: Number(t.padEnd(6, '0').slice(0, 6)) }) },
  H: { source: '\\d{1,2}', take: (t) => ({ hour: Number(t) }) },
  h: { source: '\\d{1,2}', take: (t) => ({ hour: Number(t) % 12 }) },
  I: { source: '\\d{1,2}', take: (t) => ({ hour: Number(t) % 12 }) },
  i: { source: '\\d{1,2}', take: (t) => ({ minute: Number(t) }) },
  j: { source: '\\d{1,3}', take: (t) => ({ dayOfYear: Number(t) }) },
  k: { source: '\\d{1,2}', take: (t) => ({ hour: Number(t) }) },
  l: { source: '\\d{1,2}', take: (t) => ({ hour: Number(t) % 12 }) },
  M: { source: months.join('|'), take: (t) => ({ month: monthNumber(t) }) },
  m: { source: '\\d{1,2}', take: (t) => ({ month: Number(t) }) },
  p: { source: '[AaPp][Mm]', take: (t) => ({ afternoon: /^p/i.test(t) }) },
  S: { source: '\\d{1,2}', take: (t) => ({ second: Number(t) }) },
  s: { source: '\\d{1,2}', take: (t) => ({ second: Number(t) }) },
  W: { source: weekdays.join('|') },
  Y: { source: '[+-]?\\d{4}', take: (t) => ({ year: Number(t) }) },
  y: { source: '\\d{2}', take: (t) => ({ year: Number(t) + (Number(t) < 70 ? 2000 : 1900) }) },
}

function monthNumber(text: string): number {
  return months.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase()) + 1
}

export function mysqlParse(text: string, pattern: string): bigint {
  const expanded = pattern.replaceAll('%T', '%H:%i:%s').replaceAll('%r', '%h:%i:%s %p')
  const takes: (((text: string) => Partial<Fields>) | undefined)[] = []
  const source = expanded.replace(
    /%([\s\S])|([.*+?^${}()|[\]\\/])/g,
    (_, char: string | undefined, special: string | undefined) => {
      if (special !== undefined) return `\\${special}`
      if (char === '%') return '%'
      const reader = readers[char as string]
      if (!reader) throw unsupported(char as string)
      takes.push(reader.take)
      return `(${reader.source})`
    },
  )
  const match = new RegExp(`^${source}$`, 'i').exec(text)
  const invalid = () => invalidArgument(`Invalid format: "${text}"`)
  if (!match) throw invalid()
  const fields: Fields = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 }
  for (const [i, take] of takes.entries()) Object.assign(fields, take?.(match[i + 1] as string))
  const micros = toMicros(fields)
  if (micros === undefined) throw invalid()
  return micros
}

function toMicros(fields: Fields): bigint | undefined {
  const hour = fields.afternoon ? fields.hour + 12 : fields.hour
  const { year, month, day, minute, second, micros, dayOfYear } = fields
  if (dayOfYear === undefined) return microsOf(year, month, day, hour, minute, second, micros)
  const first = microsOf(year, 1, 1, hour, minute, second, micros)
  return first === undefined || dayOfYear < 1 || dayOfYear > 366
    ? undefined
    : first + BigInt(dayOfYear - 1) * 86_400_000_000n
}
