/** The conversions of Java's Formatter that begin with t, for dates, timestamps of milliseconds and times; and their own text. */
import { type Clock, clockOf, months, weekdays } from './calendar.ts'

const two = (value: number) => String(value).padStart(2, '0')

const conversions: Record<string, (clock: Clock) => string> = {
  Y: ({ year }) => String(year).padStart(4, '0'),
  y: ({ year }) => two(year % 100),
  C: ({ year }) => two(Math.floor(year / 100)),
  m: ({ month }) => two(month),
  B: ({ month }) => months[month - 1] as string,
  b: ({ month }) => (months[month - 1] as string).slice(0, 3),
  h: ({ month }) => (months[month - 1] as string).slice(0, 3),
  d: ({ day }) => two(day),
  e: ({ day }) => String(day),
  j: ({ dayOfYear }) => String(dayOfYear).padStart(3, '0'),
  A: ({ weekday }) => weekdays[weekday] as string,
  a: ({ weekday }) => (weekdays[weekday] as string).slice(0, 3),
  H: ({ hour }) => two(hour),
  k: ({ hour }) => String(hour),
  I: ({ hour }) => two(hour % 12 || 12),
  l: ({ hour }) => String(hour % 12 || 12),
  M: ({ minute }) => two(minute),
  S: ({ second }) => two(second),
  L: ({ micros }) => String(Math.floor(micros / 1000)).padStart(3, '0'),
  N: ({ micros }) => String(micros * 1000).padStart(9, '0'),
  p: ({ hour }) => (hour < 12 ? 'am' : 'pm'),
  R: ({ hour, minute }) => `${two(hour)}:${two(minute)}`,
  T: ({ hour, minute, second }) => `${two(hour)}:${two(minute)}:${two(second)}`,
  D: ({ year, month, day }) => `${two(month)}/${two(day)}/${two(year % 100)}`,
  F: ({ year, month, day }) => `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`,
}
const dayConversions = 'YyCmBbhdejAaDF'
const timeConversions = 'HkIlMSLNpRT'

/** Undefined where the type has no such part. */
export function momentText(conversion: string, text: string, type: string): string | undefined {
  const isKnown =
    (type === 'date' && dayConversions.includes(conversion)) ||
    (type === 'time(3)' && timeConversions.includes(conversion)) ||
    (type === 'timestamp(3)' && `${dayConversions}${timeConversions}`.includes(conversion))
  if (!isKnown) return undefined
  const moment = type === 'time(3)' ? `1970-01-01 ${text}` : text
  const [day = '', time = '00:00:00'] = moment.split(' ')
  const micros = BigInt(Date.parse(`${day}T${time}Z`)) * 1000n
  return conversions[conversion]?.(clockOf(micros))
}

/** As java.time prints it: no seconds where there are none. */
export function javaMoment(text: string, type: string): string {
  if (type !== 'timestamp(3)' && type !== 'time(3)') return text
  return text.replace(' ', 'T').replace(/(?::00)?\.000$/, '')
}
