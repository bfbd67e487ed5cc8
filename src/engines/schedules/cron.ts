/**
 * AWS's cron: minutes, hours, day of month, month, day of week (1 = Sunday), year. One of the two days must be `?`.
 * Beside lists, ranges and steps: `L` (last day, or last such weekday), `15W` (nearest weekday), `6#3` (third Friday).
 */
export interface CronFields {
  minutes: Set<number>
  hours: Set<number>
  months: Set<number>
  years: Set<number>
  /** Whether this day of this month is meant. */
  isDay: (date: CalendarDay) => boolean
}

export interface CalendarDay {
  year: number
  /** From 1. */
  month: number
  day: number
}

const monthNames = ['JAN', 'FEB', 'MAR', 'APR', 'MAY', 'JUN', 'JUL', 'AUG', 'SEP', 'OCT', 'NOV', 'DEC']
const weekdayNames = ['SUN', 'MON', 'TUE', 'WED', 'THU', 'FRI', 'SAT']
const firstYear = 1970
const lastYear = 2199

interface Limits {
  least: number
  most: number
  names?: string[]
}

/** Undefined where AWS would refuse the expression. */
export function parseCron(text: string): CronFields | undefined {
  const parts = text.split(' ').filter((part) => part !== '')
  if (parts.length !== 6) return undefined
  const [minute, hour, dayOfMonth, month, dayOfWeek, year] = parts as [string, string, string, string, string, string]
  if ((dayOfMonth === '?') === (dayOfWeek === '?')) return undefined
  const minutes = parseList(minute, { least: 0, most: 59 })
  const hours = parseList(hour, { least: 0, most: 23 })
  const months = parseList(month, { least: 1, most: 12, names: monthNames })
  const years = parseList(year, { least: firstYear, most: lastYear })
  const isDay = dayOfMonth === '?' ? parseDayOfWeek(dayOfWeek) : parseDayOfMonth(dayOfMonth)
  if (!minutes || !hours || !months || !years || !isDay) return undefined
  return { minutes, hours, months, years, isDay }
}

/** The first minute after `after` (in milliseconds) that all fields allow. */
export function nextCronTime(fields: CronFields, after: number): number | undefined {
  const start = new Date(Math.floor(after / 60_000) * 60_000 + 60_000)
  for (let year = start.getUTCFullYear(); year <= lastYear; year++) {
    if (!fields.years.has(year)) continue
    const isFirstYear = year === start.getUTCFullYear()
    for (let month = isFirstYear ? start.getUTCMonth() + 1 : 1; month <= 12; month++) {
      const found = fields.months.has(month) ? firstInMonth(fields, year, month, start.getTime()) : undefined
      if (found !== undefined) return found
    }
  }
  return undefined
}

function firstInMonth(fields: CronFields, year: number, month: number, start: number): number | undefined {
  const hours = [...fields.hours].sort(ascending)
  const minutes = [...fields.minutes].sort(ascending)
  for (let day = 1; day <= daysIn(year, month); day++) {
    const midnight = Date.UTC(year, month - 1, day)
    if (midnight + 86_400_000 <= start || !fields.isDay({ year, month, day })) continue
    for (const hour of hours) {
      for (const minute of minutes) {
        const time = midnight + hour * 3_600_000 + minute * 60_000
        if (time >= start) return time
      }
    }
  }
  return undefined
}

function parseDayOfMonth(text: string): CronFields['isDay'] | undefined {
  if (text === 'L') return ({ year, month, day }) => day === daysIn(year, month)
  if (text === 'LW') return ({ year, month, day }) => day === nearestWeekday(year, month, daysIn(year, month))
  const offset = /^L-(\d+)$/.exec(text)?.[1]
  if (offset !== undefined && Number(offset) <= 30) {
    return ({ year, month, day }) => day === daysIn(year, month) - Number(offset)
  }
  const weekday = /^(\d+)W$/.exec(text)?.[1]
  if (weekday !== undefined) {
    const wanted = Number(weekday)
    if (wanted < 1 || wanted > 31) return undefined
    return ({ year, month, day }) => wanted <= daysIn(year, month) && day === nearestWeekday(year, month, wanted)
  }
  const days = parseList(text, { least: 1, most: 31 })
  return days && (({ day }) => days.has(day))
}

function parseDayOfWeek(text: string): CronFields['isDay'] | undefined {
  const limits = { least: 1, most: 7, names: weekdayNames }
  if (text === 'L') return (date) => weekdayOf(date) === 7
  const last = /^([A-Z]+|\d)L$/i.exec(text)?.[1]
  if (last !== undefined) {
    const wanted = parseNumber(last, limits)
    return wanted === undefined
      ? undefined
      : (date) => weekdayOf(date) === wanted && date.day + 7 > daysIn(date.year, date.month)
  }
  const [, name, nth] = /^([A-Z]+|\d)#(\d)$/i.exec(text) ?? []
  if (name !== undefined) {
    const wanted = parseNumber(name, limits)
    if (wanted === undefined || Number(nth) < 1 || Number(nth) > 5) return undefined
    return (date) => weekdayOf(date) === wanted && Math.ceil(date.day / 7) === Number(nth)
  }
  const days = parseList(text, limits)
  return days && ((date) => days.has(weekdayOf(date)))
}

/** `*`, `1,5`, `1-5`, `MON-FRI`, and a step after each of them: `0/15`, `10-40/10`. */
function parseList(text: string, limits: Limits): Set<number> | undefined {
  const values = new Set<number>()
  for (const part of text.split(',')) {
    const found = parsePart(part, limits)
    if (!found) return undefined
    for (const value of found) values.add(value)
  }
  return values
}

function parsePart(part: string, limits: Limits): number[] | undefined {
  const [range = '', stepText, ...rest] = part.split('/')
  const step = stepText === undefined ? 1 : /^\d+$/.test(stepText) ? Number(stepText) : 0
  if (step === 0 || rest.length > 0 || step > limits.most) return undefined
  if (range === '*') return every(limits.least, limits.most, step)
  const [from = '', to, ...more] = range.split('-')
  const first = parseNumber(from, limits)
  const last = to === undefined ? first : parseNumber(to, limits)
  if (first === undefined || last === undefined || more.length > 0) return undefined
  if (to === undefined && stepText !== undefined) return every(first, limits.most, step)
  // A range may go over the end: FRI-MON is Friday to Monday, 22-2 is ten at night to two.
  if (last >= first) return every(first, last, step)
  if (limits.least === firstYear) return undefined
  const span = limits.most - limits.least + 1
  return every(first, last + span, step).map((value) => (value > limits.most ? value - span : value))
}

function parseNumber(text: string, { least, most, names }: Limits): number | undefined {
  const named = names?.indexOf(text.toUpperCase()) ?? -1
  if (named >= 0) return named + least
  if (!/^\d+$/.test(text)) return undefined
  const value = Number(text)
  return value >= least && value <= most ? value : undefined
}

function every(first: number, last: number, step: number): number[] {
  const values: number[] = []
  for (let value = first; value <= last; value += step) values.push(value)
  return values
}

/** The weekday nearest to that day without leaving the month. */
function nearestWeekday(year: number, month: number, day: number): number {
  const weekday = weekdayOf({ year, month, day })
  if (weekday === 7) return day > 1 ? day - 1 : day + 2
  if (weekday === 1) return day < daysIn(year, month) ? day + 1 : day - 2
  return day
}

/** From 1 = Sunday to 7 = Saturday. */
function weekdayOf({ year, month, day }: CalendarDay): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1
}

function daysIn(year: number, month: number): number {
  return new Date(Date.UTC(year, month, 0)).getUTCDate()
}

function ascending(left: number, right: number): number {
  return left - right
}
