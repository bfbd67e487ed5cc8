/** A schedule as it is kept, and how many there are. When it fires next is a row of its own (firings.ts). */
import type { FlexibleTimeWindow, Target } from '@aws-sdk/client-scheduler'
import type { Millis } from '../../clock.ts'
import type { Arn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { firings } from './firingRows.ts'

export interface Schedule {
  group: string
  name: string
  expression: string
  timeZone: string
  state: 'ENABLED' | 'DISABLED'
  /** As AWS spells it. */
  target: ScheduleTarget
  window: FlexibleTimeWindow
  actionAfterCompletion: 'NONE' | 'DELETE'
  startsAt?: Millis
  endsAt?: Millis
  description?: string
  kmsKeyArn?: Arn
  createdAt: Millis
  modifiedAt: Millis
  /** Of the request that made it, and of the last that changed it: the same request again changes nothing. */
  clientTokens: { create?: string; update?: string }
}

export type ScheduleTarget = Target & { Arn: Arn; RoleArn: Arn }

export const schedules = collection<Schedule>('scheduler/schedules', {
  version: 1,
  key: (schedule) => [schedule.group, schedule.name],
})

/** Counting a million records one by one would take a second, so the number is kept. */
export const scheduleCounts = collection<{ count: number }>('scheduler/counts', {
  version: 1,
  key: () => ['schedules'],
})

const { ResourceNotFoundException, ServiceQuotaExceededException } = awsErrors('scheduler')
/** AWS's quota of schedules for an account and region. */
const schedulesMax = 10_000_000

export function scheduleArn({ group, name }: Pick<Schedule, 'group' | 'name'>, { account, region }: Scope): Arn {
  return `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`
}

/** Errors: ResourceNotFoundException. */
export function mustGetSchedule(place: Pick<Context | Tx, 'in'>, group: string, name: string): Schedule {
  const schedule = place.in(schedules).get(group, name)
  if (!schedule) throw ResourceNotFoundException(`Schedule ${name} does not exist.`)
  return schedule
}

/** Errors: ServiceQuotaExceededException. */
export function addSchedule(tx: Tx, schedule: Schedule): void {
  const count = countOf(tx)
  if (count >= schedulesMax) throw ServiceQuotaExceededException('The maximum number of schedules has been reached.')
  tx.in(scheduleCounts).put({ count: count + 1 })
  tx.in(schedules).put(schedule)
}

export function removeSchedule(tx: Tx, { group, name }: Schedule): void {
  tx.in(scheduleCounts).put({ count: countOf(tx) - 1 })
  tx.in(schedules).delete(group, name)
  tx.due(firings).delete(`${group}/${name}`)
}

function countOf(tx: Tx): number {
  return tx.in(scheduleCounts).get('schedules')?.count ?? 0
}
