/** Periods of `bin`, `datefloor` and `dateceil`: a number and a unit, by all of AWS's names for units. */
import { InsightsError, type Span } from './insightsError.ts'

export interface Period {
  count: number
  /** Months have no fixed length. */
  unit: 'millisecond' | 'month'
}

const millisUnits: Record<string, number> = {}
const monthUnits: Record<string, number> = {}

for (const [names, millis] of [
  ['ms msec msecs millisecond milliseconds', 1],
  ['s sec secs second seconds', 1_000],
  ['m min mins minute minutes', 60_000],
  ['h hr hrs hour hours', 3_600_000],
  ['d day days', 86_400_000],
  ['w week weeks', 604_800_000],
] as const) {
  for (const name of names.split(' ')) millisUnits[name] = millis
}

for (const [names, months] of [
  ['mo mon month months', 1],
  ['q qtr quarter quarters', 3],
  ['y yr year years', 12],
] as const) {
  for (const name of names.split(' ')) monthUnits[name] = months
}

/** Errors: InsightsError for a unit that there is not, and for a period of nothing. */
export function periodOf(count: number, unit: string, span: Span): Period {
  const name = unit.toLowerCase()
  const [millis, months] = [millisUnits[name], monthUnits[name]]
  if (millis === undefined && months === undefined) throw new InsightsError(`'${unit}' is not a unit of time`, span)
  const whole = Math.round(count * (millis ?? months ?? 0))
  if (whole < 1) throw new InsightsError('a period must be longer than nothing', span)
  return { count: whole, unit: millis === undefined ? 'month' : 'millisecond' }
}

const mondayMillis = 4 * 86_400_000
const weekMillis = 604_800_000

/** The period's begin that is at or before the time, both as milliseconds. */
export function floorSql(time: string, { count, unit }: Period): string {
  if (unit === 'month') return monthSql(time, count, 0)
  // Weeks begin on Monday; the epoch was a Thursday.
  const offset = count % weekMillis === 0 ? mondayMillis : 0
  if (offset === 0) return `((${time}) - ((${time}) % ${count} + ${count}) % ${count})`
  return `((${time}) - (((${time}) - ${offset}) % ${count} + ${count}) % ${count})`
}

/** The next period's begin, or the time itself where one begins. */
export function ceilSql(time: string, period: Period): string {
  const floor = floorSql(time, period)
  const next = period.unit === 'month' ? monthSql(time, period.count, 1) : `${floor} + ${period.count}`
  return `(CASE WHEN ${floor} = (${time}) THEN (${time}) ELSE ${next} END)`
}

function monthSql(time: string, months: number, later: number): string {
  const date = `make_timestamp_ms(${time})`
  const number = `((year(${date}) * 12 + month(${date}) - 1) // ${months} + ${later}) * ${months}`
  return `epoch_ms(make_timestamp((${number}) // 12, (${number}) % 12 + 1, 1, 0, 0, 0))`
}
