/**
 * The times a schedule names: from its expression, its time zone, and the dates between which it may fire. Pure.
 * Rules: EventBridge Scheduler User Guide, "Schedule types", and the API Reference of CreateSchedule.
 */
import type { Millis, Random } from '../../clock.ts'
import { nextAfter, parseZonedSchedule, type Schedule as Times } from '../../engines/schedules/scheduleExpressions.ts'
import { timeZone, utc } from '../../engines/schedules/timeZones.ts'
import type { Schedule } from './scheduleRecords.ts'

export type Timing = Pick<Schedule, 'expression' | 'timeZone' | 'state' | 'window' | 'startsAt' | 'endsAt'>

/**
 * The first time of a schedule that begins at `now`: a rate begins at its StartDate, or at once; a time of `at` that
 * has passed is now due.
 */
export function firstOccurrence(timing: Timing, now: Millis): Millis | undefined {
  const times = timesOf(timing)
  if (times.kind === 'at') return times.time
  if (times.kind === 'rate') return withinEnd(timing, timing.startsAt ?? now)
  return withinEnd(timing, nextAfter(times, Math.max(now, (timing.startsAt ?? 0) - 1)))
}

/** The time after `last`, and not before `floor`. */
export function nextOccurrence(timing: Timing, last: Millis, floor?: Millis): Millis | undefined {
  const times = timesOf(timing)
  return times.kind === 'at' ? undefined : withinEnd(timing, nextAfter(times, last, floor))
}

/** One time after which there is none, for ActionAfterCompletion. A recurring schedule without EndDate never completes. */
export function completes(timing: Timing): boolean {
  return timesOf(timing).kind === 'at' || timing.endsAt !== undefined
}

/** When in its flexible window an occurrence fires; always later than `earlier`. */
export function firingTime({ window }: Timing, scheduledAt: Millis, earlier: Millis, random: Random): Millis {
  const wait = window.Mode === 'FLEXIBLE' ? random.fraction() * (window.MaximumWindowInMinutes ?? 0) * 60_000 : 0
  return Math.max(scheduledAt + Math.floor(wait), earlier + 1)
}

/** Errors: InvalidSchedule, which cannot be once a schedule is kept. */
export function timesOf({ expression, timeZone: zone }: Pick<Timing, 'expression' | 'timeZone'>): Times {
  return parseZonedSchedule(expression, timeZone(zone) ?? utc)
}

/** One-time schedules ignore StartDate and EndDate. */
function withinEnd({ endsAt = Number.POSITIVE_INFINITY }: Timing, time: Millis | undefined): Millis | undefined {
  return time !== undefined && time <= endsAt ? time : undefined
}
