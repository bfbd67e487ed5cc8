/**
 * AWS's schedule expressions: `rate(5 minutes)` and `cron(0 12 * * ? *)`. Parsing throws InvalidSchedule for whatever
 * AWS refuses; `nextAfter` tells the next time, or undefined when there is none any more. Cron is read in UTC.
 */
import { type CronFields, nextCronTime, parseCron } from './cron.ts'

export class InvalidSchedule extends Error {}

export type Schedule = { kind: 'rate'; periodMillis: number } | { kind: 'cron'; fields: CronFields }

const unitMillis: Record<string, number> = { minute: 60_000, hour: 3_600_000, day: 86_400_000 }

export function parseSchedule(expression: string): Schedule {
  const rate = /^rate\((.*)\)$/.exec(expression)
  if (rate) return parseRate(rate[1] as string)
  const cron = /^cron\((.*)\)$/.exec(expression)
  const fields = cron && parseCron(cron[1] as string)
  if (!fields) throw new InvalidSchedule(`${expression} is no schedule.`)
  return { kind: 'cron', fields }
}

/** The first time after `last`. A rate counts from the last time; a cron only looks at the calendar. */
export function nextAfter(schedule: Schedule, last: number): number | undefined {
  return schedule.kind === 'rate' ? last + schedule.periodMillis : nextCronTime(schedule.fields, last)
}

/** One is singular and all others are plural: AWS refuses `rate(1 minutes)` and `rate(5 minute)`. */
function parseRate(text: string): Schedule {
  const match = /^([1-9]\d*) (minute|hour|day)(s?)$/.exec(text)
  const [, count = '', unit = '', plural = ''] = match ?? []
  if (!match || (Number(count) === 1) === (plural === 's')) throw new InvalidSchedule(`rate(${text}) is no rate.`)
  return { kind: 'rate', periodMillis: Number(count) * (unitMillis[unit] as number) }
}
