/** What a request says of a schedule, checked in AWS's words, with AWS's defaults for what it leaves out. */
import type { CreateScheduleInput } from '@aws-sdk/client-scheduler'
import type { Context } from '../../delivery/context.ts'
import { InvalidSchedule, parseZonedSchedule } from '../../engines/schedules/scheduleExpressions.ts'
import { timeZone } from '../../engines/schedules/timeZones.ts'
import { awsErrors } from '../../wire/errors.ts'
import type { Schedule } from './scheduleRecords.ts'
import { targetFrom } from './targets.ts'

const { ValidationException } = awsErrors('scheduler')
/** A StartDate may lie this far back. */
const startMillisAgoMax = 5 * 60_000

export type Settings = Omit<Schedule, 'group' | 'name' | 'createdAt' | 'modifiedAt' | 'clientTokens'>

/** Errors: ValidationException; NotImplemented for a target that is not here. */
export function settingsFrom(input: Omit<CreateScheduleInput, 'Name'>, ctx: Context): Settings {
  const { ScheduleExpression: expression = '', ScheduleExpressionTimezone: zone = 'UTC' } = input
  const kind = checkExpression(expression, zone)
  checkWindow(input)
  // AWS looks at the dates of recurring schedules alone.
  if (kind !== 'at') checkDates(input, ctx.clock.now())
  const { State, StartDate, EndDate, Description, KmsKeyArn, ActionAfterCompletion } = input
  const { Mode, MaximumWindowInMinutes } = input.FlexibleTimeWindow ?? {}
  return {
    expression,
    timeZone: zone,
    state: State ?? 'ENABLED',
    target: targetFrom(input.Target, ctx),
    window: { Mode, ...(MaximumWindowInMinutes !== undefined && { MaximumWindowInMinutes }) },
    actionAfterCompletion: ActionAfterCompletion ?? 'NONE',
    ...(StartDate !== undefined && { startsAt: StartDate.getTime() }),
    ...(EndDate !== undefined && { endsAt: EndDate.getTime() }),
    ...(Description !== undefined && { description: Description }),
    ...(KmsKeyArn !== undefined && { kmsKeyArn: KmsKeyArn }),
  }
}

function checkExpression(expression: string, zoneName: string): 'at' | 'rate' | 'cron' {
  const zone = timeZone(zoneName)
  if (!zone) throw ValidationException(`Invalid ScheduleExpressionTimezone ${zoneName}.`)
  try {
    return parseZonedSchedule(expression, zone).kind
  } catch (error) {
    if (!(error instanceof InvalidSchedule)) throw error
    throw ValidationException(`Invalid Schedule Expression ${expression}.`)
  }
}

function checkWindow({ FlexibleTimeWindow }: Pick<CreateScheduleInput, 'FlexibleTimeWindow'>): void {
  const { Mode, MaximumWindowInMinutes: minutes } = FlexibleTimeWindow ?? {}
  if (Mode === 'OFF' && minutes !== undefined) {
    throw ValidationException('MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.')
  }
  if (Mode === 'FLEXIBLE' && minutes === undefined) {
    throw ValidationException('MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.')
  }
}

function checkDates({ StartDate, EndDate }: Pick<CreateScheduleInput, 'StartDate' | 'EndDate'>, now: number): void {
  if (StartDate && EndDate && StartDate >= EndDate) {
    throw ValidationException('The StartDate you specify must come before the EndDate.')
  }
  if (StartDate && StartDate.getTime() < now - startMillisAgoMax) {
    throw ValidationException('The StartDate you specify cannot be earlier than 5 minutes ago.')
  }
  if (EndDate && EndDate.getTime() <= now) {
    throw ValidationException('The EndDate you specify must be in the future.')
  }
}
