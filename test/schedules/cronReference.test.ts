/**
 * The cron engine beside a naive one: field by field as the user guide words them, asked for every minute in turn. Random
 * expressions, instants and zones; what both say must be the same.
 */
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { nextAfter, parseZonedSchedule } from '../../src/engines/schedules/scheduleExpressions.ts'
import { type TimeZone, timeZone } from '../../src/engines/schedules/timeZones.ts'

const minute = 60_000

const months = 'JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC'.split(' ')
const weekdays = 'SUN MON TUE WED THU FRI SAT'.split(' ')

interface Field {
  least: number
  most: number
  names?: string[]
}

const fields = {
  minute: { least: 0, most: 59 },
  hour: { least: 0, most: 23 },
  day: { least: 1, most: 31 },
  month: { least: 1, most: 12, names: months },
  weekday: { least: 1, most: 7, names: weekdays },
  year: { least: 2024, most: 2026 },
} satisfies Record<string, Field>

const numbered = ({ least, most, names }: Field): fc.Arbitrary<string> =>
  fc.tuple(fc.integer({ min: least, max: most }), fc.boolean()).map(([value, named]) => {
    return (named && names?.[value - least]) || String(value)
  })

const part = (field: Field): fc.Arbitrary<string> => {
  const value = numbered(field)
  const step = fc.integer({ min: 1, max: Math.min(field.most, 20) })
  const range = fc
    .tuple(fc.integer({ min: field.least, max: field.most }), fc.integer({ min: field.least, max: field.most }))
    .map((ends) => ends.sort((a, b) => a - b).join('-'))
  return fc.oneof(
    value,
    range,
    fc.tuple(range, step).map((both) => both.join('/')),
    fc.tuple(value, step).map((both) => both.join('/')),
    step.map((each) => `*/${each}`),
  )
}

const list = (field: Field): fc.Arbitrary<string> =>
  fc.oneof(
    fc.constant('*'),
    fc.array(part(field), { minLength: 1, maxLength: 3 }).map((parts) => parts.join(',')),
  )

const dayOfMonth = fc.oneof(
  { weight: 4, arbitrary: list(fields.day) },
  fc.constantFrom('L', 'LW'),
  fc.integer({ min: 1, max: 31 }).map((day) => `${day}W`),
)
const dayOfWeek = fc.oneof(
  { weight: 4, arbitrary: list(fields.weekday) },
  fc.constant('L'),
  numbered(fields.weekday).map((day) => `${day}L`),
  fc.tuple(numbered(fields.weekday), fc.integer({ min: 1, max: 5 })).map((both) => both.join('#')),
)
const days = fc.oneof(
  dayOfMonth.map((day) => [day, '?']),
  dayOfWeek.map((day) => ['?', day]),
)
const year = fc.oneof({ weight: 3, arbitrary: fc.constant('*') }, part(fields.year))

const expressions = fc
  .tuple(list(fields.minute), list(fields.hour), days, list(fields.month), year)
  .map(
    ([minutes, hours, [first, second], month, years]) =>
      `cron(${minutes} ${hours} ${first} ${month} ${second} ${years})`,
  )

/** Whether a list, as the guide words it, has a value. */
function has(text: string, value: number, { least, most, names }: Field): boolean {
  const number = (word: string) => (names?.includes(word) ? names.indexOf(word) + least : Number(word))
  return text.split(',').some((each) => {
    const [range = '', step] = each.split('/')
    const [from = '', to] = range === '*' ? [String(least), String(most)] : range.split('-')
    const end = to === undefined ? (step === undefined ? number(from) : most) : number(to)
    return value >= number(from) && value <= end && (value - number(from)) % Number(step ?? 1) === 0
  })
}

/** A day of the calendar, in the zone's own digits. */
interface Wall {
  year: number
  month: number
  day: number
  /** The last of its month. */
  last: number
}

function isDayOfMonth(text: string, wall: Wall): boolean {
  if (text === '?') return true
  if (text === 'L') return wall.day === wall.last
  const nearest = text === 'LW' ? wall.last : text.endsWith('W') ? Number(text.slice(0, -1)) : undefined
  if (nearest === undefined) return has(text, wall.day, fields.day)
  if (nearest > wall.last) return false
  // Of the weekdays of that month, the one with the least distance; there is never a tie.
  const distance = (day: number) => Math.abs(day - nearest)
  const working = Array.from({ length: wall.last }, (_, at) => at + 1).filter(
    (day) => ![1, 7].includes(weekdayOf(wall, day)),
  )
  return wall.day === working.sort((a, b) => distance(a) - distance(b))[0]
}

function isDayOfWeek(text: string, wall: Wall): boolean {
  const number = (word: string) => (weekdays.includes(word) ? weekdays.indexOf(word) + 1 : Number(word))
  if (text === '?') return true
  if (text === 'L') return weekdayOf(wall, wall.day) === 7
  if (text.endsWith('L')) return weekdayOf(wall, wall.day) === number(text.slice(0, -1)) && wall.day > wall.last - 7
  if (!text.includes('#')) return has(text, weekdayOf(wall, wall.day), fields.weekday)
  const [day = '', nth] = text.split('#')
  return weekdayOf(wall, wall.day) === number(day) && wall.day > (Number(nth) - 1) * 7 && wall.day <= Number(nth) * 7
}

function weekdayOf({ year, month }: Wall, day: number): number {
  return new Date(Date.UTC(year, month - 1, day)).getUTCDay() + 1
}

/** What the clocks of a zone show: year, month, day, hour and minute. */
function clocksOf(zone: string): (instant: number) => number[] {
  if (zone === 'UTC') {
    return (instant) => {
      const date = new Date(instant)
      return [
        date.getUTCFullYear(),
        date.getUTCMonth() + 1,
        date.getUTCDate(),
        date.getUTCHours(),
        date.getUTCMinutes(),
      ]
    }
  }
  const format = new Intl.DateTimeFormat('sv-SE', { timeZone: zone, dateStyle: 'short', timeStyle: 'short' })
  return (instant) => (format.format(instant).match(/\d+/g) ?? []).map(Number)
}

/** Minute by minute, as the clocks show it; a wall time that was shown before is not meant again. */
function naiveNext(
  expression: string,
  zone: string,
  { from, until }: { from: number; until: number },
): number | undefined {
  const [minutes = '', hours = '', day = '', months = '', weekday = '', years = ''] = expression.slice(5, -1).split(' ')
  const shows = clocksOf(zone)
  for (let at = from; at < until; at += minute) {
    const shown = shows(at)
    const [year = 0, month = 0, date = 0, hour = 0, minuteOfHour = 0] = shown
    if (!has(minutes, minuteOfHour, fields.minute) || !has(hours, hour, fields.hour)) continue
    if (!has(months, month, fields.month) || (years !== '*' && !has(years, year, { least: 1970, most: 2199 }))) continue
    const wall = { year, month, day: date, last: new Date(Date.UTC(year, month, 0)).getUTCDate() }
    if (!isDayOfMonth(day, wall) || !isDayOfWeek(weekday, wall)) continue
    const shownBefore = [30, 60].some((earlier) => String(shows(at - earlier * minute)) === String(shown))
    if (!shownBefore) return at
  }
  return undefined
}

const changesOfClocks = [
  '2025-03-09T07:00Z',
  '2025-11-02T06:00Z',
  '2025-03-30T01:00Z',
  '2025-10-26T01:00Z',
  '2025-04-05T15:00Z',
]
const anyTime = fc.integer({ min: Date.UTC(2024, 0, 1), max: Date.UTC(2026, 0, 1) })
const nearChange = fc
  .tuple(fc.constantFrom(...changesOfClocks), fc.integer({ min: -180, max: 180 }))
  .map(([near, minutes]) => Date.parse(near) + minutes * minute)

test.each([
  { zones: ['UTC'], instants: anyTime, days: 40, numRuns: 100 },
  { zones: ['America/New_York', 'Europe/Berlin', 'Australia/Lord_Howe'], instants: nearChange, days: 2, numRuns: 100 },
])(
  'the next time of any cron expression in $zones is the one that looking at every minute finds',
  (settings) => {
    const { zones, instants, days: daysMax, numRuns } = settings
    const given = fc.tuple(expressions, fc.constantFrom(...zones), instants)
    fc.assert(
      fc.property(given, ([expression, zone, after]) => {
        const from = Math.floor(after / minute) * minute + minute
        const until = from + daysMax * 24 * 60 * minute
        const found = nextAfter(parseZonedSchedule(expression, timeZone(zone) as TimeZone), after)

        const seen = found !== undefined && found < until ? found : undefined
        expect(seen).toBe(naiveNext(expression, zone, { from, until }))
      }),
      { numRuns },
    )
  },
  300_000,
)
