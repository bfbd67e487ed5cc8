/**
 * Firing. One commit both hands the invocation on and moves the schedule to its next time, so a target inside this
 * process is invoked exactly once for each time, whenever the server is killed; any other at least once. A time that
 * passed while the server was down is fired late, as long as the target's maximum event age allows.
 */
import type { Clock, Millis, Random } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import { newTraceId } from '../../observe/traces.ts'
import { type Firing, firings } from './firingRows.ts'
import { deadLetter, invoke, maximumAgeMillis } from './invocations.ts'
import { completes, firingTime, firstOccurrence, nextOccurrence } from './occurrences.ts'
import { removeSchedule, type Schedule, scheduleArn, schedules } from './scheduleRecords.ts'

/** Schedules fired at once: their commits share a sync. */
const firedAtOnceMax = 64

export const firingWorker = worker('scheduler/firings', {
  queue: firings,
  concurrency: firedAtOnceMax,
  async run(item, ctx) {
    await ctx.commit((tx) => {
      // The schedule may have been changed or deleted since the row was read.
      if (tx.due(firings).get(item.id)?.dueAt !== item.dueAt) return
      const schedule = tx.in(schedules).get(item.group, item.name)
      if (schedule) fireAndMoveOn(tx, schedule, item, ctx)
      else tx.due(firings).delete(item.id)
    })
  },
})

/** A schedule that is new, or whose times have changed. */
export function planFirst(tx: Tx, schedule: Schedule): void {
  const scheduledAt = schedule.state === 'ENABLED' ? firstOccurrence(schedule, tx.now) : undefined
  // A time that has passed falls due now, and its age counts from now.
  plan(tx, schedule, scheduledAt, tx.now - 1)
}

/** What is due already fires as the schedule was when it fell due, before that is changed. */
export function fireOverdue(tx: Tx, schedule: Schedule, chance: Chance): void {
  const overdue = () => tx.due(firings).get(idOf(schedule))
  for (let row = overdue(); row && row.dueAt <= tx.now; row = overdue()) fireAndMoveOn(tx, schedule, row, chance)
}

interface Chance {
  clock: Clock
  random: Random
}

function fireAndMoveOn(tx: Tx, schedule: Schedule, firing: Firing, chance: Chance): void {
  const here = tx.at({ trace: { traceId: newTraceId(chance.clock, chance.random) } })
  const oldest = tx.now - maximumAgeMillis(schedule)
  const isTooOld = firing.dueAt < oldest
  if (isTooOld) drop(here, schedule, firing)
  else fire(here, schedule, firing)
  const next = nextOccurrence(schedule, firing.scheduledAt, isTooOld ? oldest : undefined)
  if (next === undefined && schedule.actionAfterCompletion === 'DELETE' && completes(schedule)) {
    removeSchedule(tx, schedule)
  } else {
    plan(tx, schedule, next, firing.dueAt)
  }
}

function fire(tx: Tx, schedule: Schedule, firing: Firing): void {
  const hop = tx.hop({ ...hopOf(tx, schedule, firing), action: 'fired' })
  invoke(tx.at({ trace: hop }), schedule, firing)
}

/** Older than the maximum event age: no more is tried, as AWS would have given up by now. */
function drop(tx: Tx, schedule: Schedule, firing: Firing): void {
  const error = 'The time passed while the server was down, longer ago than the maximum event age.'
  const hop = tx.hop({ ...hopOf(tx, schedule, firing), action: 'missed', status: 'failed', error })
  deadLetter(tx.at({ trace: hop }), schedule, firing, error)
}

function hopOf(tx: Tx, schedule: Schedule, { scheduledAt }: Firing) {
  const { group, name, expression } = schedule
  const detail = { group, expression, scheduledTime: new Date(scheduledAt).toISOString() }
  return { service: 'scheduler', resource: name, subjects: [scheduleArn(schedule, tx)], detail }
}

function plan(tx: Tx, schedule: Schedule, scheduledAt: Millis | undefined, earlier: Millis): void {
  const { group, name } = schedule
  const id = idOf(schedule)
  if (scheduledAt === undefined) {
    tx.due(firings).delete(id)
    return
  }
  tx.due(firings).put({ id, group, name, scheduledAt, dueAt: firingTime(schedule, scheduledAt, earlier, tx.random) })
}

function idOf({ group, name }: Pick<Schedule, 'group' | 'name'>): string {
  return `${group}/${name}`
}
