/**
 * AWS's schedule expressions. EventBridge's rules read `rate(5 minutes)` and `cron(0 12 * * ? *)`, in UTC; EventBridge
 * Scheduler also `at(2025-10-20T08:00:00)`, and cron and at in a time zone. Parsing throws InvalidSchedule for whatever
 * AWS refuses; `nextAfter` tells the next time, or undefined when there is none any more.
 */
import { type CronFields, nextCronTime, parseCron } from './cron.ts'
import { type TimeZone, utc } from './timeZones.ts'

export class InvalidSchedule extends Error {}

export type Schedule =
  | { kind: 'rate'; periodMillis: number }
  | { kind: 'cron'; fields: CronFields; zone: TimeZone }
  | { kind: 'at'; time: number }

const unitMillis: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }
/** The last time that a date can hold. */
const lastTime = 8.64e15

/** As a scheduled rule has it. */
export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((.*)\)$/.exec(expression)
  if (!rate) return parseCronExpression(expression, utc)
  const { count, period, plural } = parseRate(rate[1] as string, expression)
  // One is singular and all others are plural: AWS refuses `rate(1 minutes)` and `rate(5 minute)` in a rule.
  if ((count === 1) === plural) throw new InvalidSchedule(`${expression} is no rate.`)
  return { kind: 'rate', periodMillis: period }
}

/** As EventBridge Scheduler has it, where `rate(1 days)` and `rate(5 minute)` are rates too. */
export function parseZonedSchedule(expression: string, zone: TimeZone): Schedule {
  const rate = /^rate\((.*)\)$/.exec(expression)
  if (rate) return { kind: 'rate', periodMillis: parseRate(rate[1] as string, expression).period }
  const at = /^at\((.*)\)$/.exec(expression)
  if (at) return { kind: 'at', time: parseAt(at[1] as string, zone) }
  return parseCronExpression(expression, zone)
}

/** The first time after `last`, and not before `floor`. A rate counts from the last time; a cron only looks at the calendar. */
export function nextAfter(schedule: Schedule, last: number, floor = last): number | undefined {
  if (schedule.kind === 'at') return schedule.time > last ? schedule.time : undefined
  if (schedule.kind === 'cron') return nextZonedTime(schedule, Math.max(last, floor - 1))
  const periods = Math.max(1, Math.ceil((floor - last) / schedule.periodMillis))
  const next = last + periods * schedule.periodMillis
  return next <= lastTime ? next : undefined
}

/**
 * A time that the clocks skip in spring is skipped; one that they show twice in autumn is the first of the two, and is
 * not repeated (EventBridge Scheduler User Guide, "Daylight savings time on EventBridge Scheduler").
 */
function nextZonedTime({ fields, zone }: { fields: CronFields; zone: TimeZone }, last: number): number | undefined {
  let wall: number | undefined = zone.wallAt(last)
  for (;;) {
    wall = nextCronTime(fields, wall)
    if (wall === undefined) return undefined
    const instant = zone.instantOf(wall)
    if (instant !== undefined && instant > last) return instant
  }
}

function parseCronExpression(expression: string, zone: TimeZone): Schedule {
  const cron = /^cron\((.*)\)$/.exec(expression)
  const fields = cron && parseCron(cron[1] as string)
  if (!fields) throw new InvalidSchedule(`${expression} is no schedule.`)
  return { kind: 'cron', fields, zone }
}

function parseRate(text: string, expression: string): { count: number; period: number; plural: boolean } {
  const match = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(text)
  if (!match) throw new InvalidSchedule(`${expression} is no rate.`)
  const [, count, unit, plural] = match
  return {
    count: Number(count),
    period: Number(count) * (unitMillis[unit as string] as number),
    plural: plural === 's',
  }
}

/** A wall-clock time that the clocks skip is read by the offset before the change, as Java's `ZonedDateTime.of` does. */
function parseAt(text: string, zone: TimeZone): number {
  const isDate = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/.test(text)
  const wall = isDate ? Date.parse(`${text}Z`) : Number.NaN
  // A date that is none, such as 30 February, would be read as one of the next month.
  if (Number.isNaN(wall) || new Date(wall).toISOString().slice(0, 19) !== text) {
    throw new InvalidSchedule(`at(${text}) is no time.`)
  }
  const before = wall - 86_400_000
  return zone.instantOf(wall) ?? wall - (zone.wallAt(before) - before)
}
