/** Joda-Time's patterns, as format_datetime and parse_datetime take them (joda-time, "DateTimeFormat"). */
import { clockOf, months, weekdays } from './calendar.ts'
import { microsOf, offsetText } from './dates.ts'
import { invalidArgument, NativeError } from './native.ts'

/** Runs of one letter, quoted text, and everything else. */
function pieces(pattern: string): { letter?: string; count: number; text: string }[] {
  const found: { letter?: string; count: number; text: string }[] = []
  for (const [whole] of pattern.matchAll(/([A-Za-z])\1*|'(?:[^']|'')*'|[^A-Za-z']+/g)) {
    if (whole.startsWith("'"))
      found.push({ count: 0, text: whole === "''" ? "'" : whole.slice(1, -1).replaceAll("''", "'") })
    else if (/[A-Za-z]/.test(whole)) found.push({ letter: whole[0] as string, count: whole.length, text: whole })
    else found.push({ count: 0, text: whole })
  }
  return found
}

export function jodaFormat(
  micros: bigint,
  { zone, offset }: { zone: string; offset: number },
  pattern: string,
): string {
  const clock = clockOf(micros)
  const number = (value: number, count: number) => String(value).padStart(count, '0')
  const name = (names: string[], index: number, count: number) =>
    count >= 4 ? (names[index] as string) : (names[index] as string).slice(0, 3)
  const write = (letter: string, count: number): string => {
    switch (letter) {
      case 'G':
        return clock.year > 0 ? 'AD' : 'BC'
      case 'y':
      case 'Y':
        return count === 2 ? number(Math.abs(clock.year) % 100, 2) : number(clock.year, count)
      case 'x':
        return count === 2 ? number(clock.isoYear % 100, 2) : number(clock.isoYear, count)
      case 'C':
        return number(Math.floor(clock.year / 100), count)
      case 'w':
        return number(clock.isoWeek, count)
      case 'e':
        return number(clock.weekday || 7, count)
      case 'E':
        return name(weekdays, clock.weekday, count)
      case 'D':
        return number(clock.dayOfYear, count)
      case 'M':
        return count >= 3 ? name(months, clock.month - 1, count) : number(clock.month, count)
      case 'd':
        return number(clock.day, count)
      case 'a':
        return clock.hour < 12 ? 'AM' : 'PM'
      case 'K':
        return number(clock.hour % 12, count)
      case 'h':
        return number(clock.hour % 12 || 12, count)
      case 'H':
        return number(clock.hour, count)
      case 'k':
        return number(clock.hour || 24, count)
      case 'm':
        return number(clock.minute, count)
      case 's':
        return number(clock.second, count)
      case 'S':
        return String(clock.micros).padStart(6, '0').padEnd(count, '0').slice(0, count)
      case 'z':
        return zone
      case 'Z':
        return count >= 3 ? zone : count === 2 ? offsetText(offset) : offsetText(offset).replace(':', '')
      default:
        throw invalidArgument(`Illegal pattern component: ${letter}`)
    }
  }
  return pieces(pattern)
    .map(({ letter, count, text }) => (letter ? write(letter, count) : text))
    .join('')
}

const shortNames = (names: string[]) => names.map((name) => name.slice(0, 3)).join('|')

interface Read {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  micros: number
  afternoon?: boolean
  zone?: string
}

/** How text of a letter looks, and which field it is. */
function reader(
  letter: string,
  count: number,
  isNextDigit: boolean,
): { source: string; take: (text: string) => Partial<Read> } {
  const digits = isNextDigit ? `\\d{${count}}` : `\\d{1,${Math.max(count, letter === 'y' || letter === 'Y' ? 9 : 2)}}`
  const set = (field: 'month' | 'day' | 'hour' | 'minute' | 'second') => (text: string) => ({ [field]: Number(text) })
  switch (letter) {
    case 'y':
    case 'Y':
      return {
        source: digits,
        take: (text) => ({ year: count === 2 && text.length === 2 ? pivot(Number(text)) : Number(text) }),
      }
    case 'M':
      if (count < 3) return { source: digits, take: set('month') }
      return {
        source: `${months.join('|')}|${shortNames(months)}`,
        take: (text) => ({
          month: months.findIndex((name) => name.slice(0, 3).toLowerCase() === text.slice(0, 3).toLowerCase()) + 1,
        }),
      }
    case 'd':
      return { source: digits, take: set('day') }
    case 'H':
      return { source: digits, take: set('hour') }
    case 'k':
      return { source: digits, take: (text) => ({ hour: Number(text) % 24 }) }
    case 'h':
    case 'K':
      return { source: digits, take: (text) => ({ hour: Number(text) % 12 }) }
    case 'm':
      return { source: digits, take: set('minute') }
    case 's':
      return { source: digits, take: set('second') }
    case 'S':
      return {
        source: `\\d{1,${Math.max(count, 9)}}`,
        take: (text) => ({ micros: Number(text.padEnd(6, '0').slice(0, 6)) }),
      }
    case 'a':
      return { source: 'AM|PM', take: (text) => ({ afternoon: /^p/i.test(text) }) }
    case 'E':
      return { source: `${weekdays.join('|')}|${shortNames(weekdays)}`, take: () => ({}) }
    case 'Z':
      return count >= 3
        ? { source: '[A-Za-z][A-Za-z0-9_/+-]*', take: (text) => ({ zone: text }) }
        : { source: 'Z|[+-]\\d{2}:?\\d{2}', take: (text) => ({ zone: text }) }
    case 'z':
      return { source: '[A-Za-z][A-Za-z0-9_/+-]*', take: (text) => ({ zone: text }) }
    default:
      throw new NativeError(
        'NOT_SUPPORTED',
        `The pattern letter ${letter} of parse_datetime is not supported by the embedded SQL engine`,
      )
  }
}

/** Joda's pivot for two digits of a year: thirty years either way of 2000. */
const pivot = (year: number) => (year < 70 ? 2000 + year : 1900 + year)

export function jodaParse(text: string, pattern: string): { local: bigint; zone: string | undefined } {
  const all = pieces(pattern)
  const takes: ((text: string) => Partial<Read>)[] = []
  const source = all.map((piece, i) => {
    if (!piece.letter) return piece.text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')
    const { source: read, take } = reader(piece.letter, piece.count, all[i + 1]?.letter !== undefined)
    takes.push(take)
    return `(${read})`
  })
  const match = new RegExp(`^${source.join('')}$`, 'i').exec(text)
  if (!match) throw invalidArgument(`Invalid format: "${text}"`)
  const read: Read = { year: 1970, month: 1, day: 1, hour: 0, minute: 0, second: 0, micros: 0 }
  for (const [i, take] of takes.entries()) Object.assign(read, take(match[i + 1] as string))
  const local = microsOf(
    read.year,
    read.month,
    read.day,
    read.afternoon ? read.hour + 12 : read.hour,
    read.minute,
    read.second,
    read.micros,
  )
  if (local === undefined) throw invalidArgument(`Cannot parse "${text}": Value is out of range`)
  return { local, zone: read.zone }
}
