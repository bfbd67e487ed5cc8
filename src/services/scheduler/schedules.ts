/** Schedules: made, changed as a whole, shown and deleted. */
import type { GetScheduleOutput, ScheduleSummary } from '@aws-sdk/client-scheduler'
import type { Context } from '../../delivery/context.ts'
import type { Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { mustBeAssumable } from './executionRoles.ts'
import { fireOverdue, planFirst } from './firings.ts'
import { allGroups, defaultGroup, mustGetActiveGroup, mustGetGroup } from './groups.ts'
import { keyIn, pageOf } from './pages.ts'
import {
  addSchedule,
  mustGetSchedule,
  removeSchedule,
  type Schedule,
  scheduleArn,
  schedules,
} from './scheduleRecords.ts'
import { settingsFrom } from './scheduleSettings.ts'

const { ConflictException } = awsErrors('scheduler')

export const scheduleOperations = operations('scheduler', {
  async CreateSchedule(input, ctx) {
    const { Name: name, GroupName: group = defaultGroup, ClientToken: token } = input
    const settings = settingsFrom(input, ctx)
    await mustBeAssumable(settings.target.RoleArn, group, ctx)
    await ctx.commit((tx) => {
      mustGetActiveGroup(tx, group)
      const existing = tx.in(schedules).get(group, name)
      // The answer to the first of two equal requests may have been lost.
      if (existing && token !== undefined && existing.clientTokens.create === token) return
      if (existing) throw ConflictException(`Schedule ${name} already exists.`)
      const clientTokens = token === undefined ? {} : { create: token }
      const schedule = { group, name, ...settings, createdAt: tx.now, modifiedAt: tx.now, clientTokens }
      addSchedule(tx, schedule)
      planFirst(tx, schedule)
    })
    return { ScheduleArn: scheduleArn({ group, name }, ctx) }
  },

  async UpdateSchedule(input, ctx) {
    const { Name: name, GroupName: group = defaultGroup, ClientToken: token } = input
    const settings = settingsFrom(input, ctx)
    await mustBeAssumable(settings.target.RoleArn, group, ctx)
    await ctx.commit((tx) => {
      mustGetActiveGroup(tx, group)
      const existing = mustGetSchedule(tx, group, name)
      if (token !== undefined && existing.clientTokens.update === token) return
      if (settings.state === 'ENABLED') fireOverdue(tx, existing, ctx)
      const { createdAt, clientTokens } = mustGetSchedule(tx, group, name)
      const tokens = token === undefined ? clientTokens : { ...clientTokens, update: token }
      const schedule = { group, name, ...settings, createdAt, modifiedAt: tx.now, clientTokens: tokens }
      tx.in(schedules).put(schedule)
      if (!hasTimesOf(existing, schedule)) planFirst(tx, schedule)
    })
    return { ScheduleArn: scheduleArn({ group, name }, ctx) }
  },

  async GetSchedule({ Name, GroupName = defaultGroup }, ctx) {
    mustGetGroup(ctx, GroupName)
    return described(mustGetSchedule(ctx, GroupName, Name), ctx)
  },

  async ListSchedules({ GroupName, NamePrefix, State, MaxResults, NextToken }, ctx) {
    if (GroupName !== undefined) mustGetGroup(ctx, GroupName)
    const names = GroupName === undefined ? allGroups(ctx).map(({ name }) => name) : [GroupName]
    const found = schedulesOf(ctx, names, { prefix: NamePrefix, state: State, token: NextToken })
    const keyOf = ({ group, name }: Schedule) => [group, name]
    const { items, nextToken } = pageOf(found, keyOf, { token: NextToken, limit: MaxResults })
    return { Schedules: items.map((schedule) => listed(schedule, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },

  async DeleteSchedule({ Name, GroupName = defaultGroup }, ctx) {
    await ctx.commit((tx) => {
      mustGetGroup(tx, GroupName)
      removeSchedule(tx, mustGetSchedule(tx, GroupName, Name))
    })
    return {}
  },
})

/** An update that leaves these as they are does not begin the schedule anew. */
function hasTimesOf(before: Schedule, after: Schedule): boolean {
  const timesOf = ({ expression, timeZone, state, window, startsAt, endsAt }: Schedule) =>
    JSON.stringify([expression, timeZone, state, window.Mode, window.MaximumWindowInMinutes, startsAt, endsAt])
  return timesOf(before) === timesOf(after)
}

interface Sought {
  prefix: string | undefined
  state: string | undefined
  token: string | undefined
}

/** From where the page before ended, in the order of group and name. */
function* schedulesOf(ctx: Context, names: string[], { prefix = '', state, token }: Sought): Iterable<Schedule> {
  const [lastGroup = '', lastName = ''] = token === undefined ? [] : keyIn(token)
  for (const group of names) {
    if (group < lastGroup) continue
    const after = group === lastGroup ? { after: [group, lastName] } : {}
    for (const schedule of ctx.in(schedules).list({ prefix: [group], startsWith: prefix, ...after })) {
      if (state === undefined || schedule.state === state) yield schedule
    }
  }
}

function described(schedule: Schedule, scope: Scope): Omit<GetScheduleOutput, '$metadata'> {
  const { startsAt, endsAt, description, kmsKeyArn } = schedule
  return {
    Arn: scheduleArn(schedule, scope),
    Name: schedule.name,
    GroupName: schedule.group,
    State: schedule.state,
    ScheduleExpression: schedule.expression,
    ScheduleExpressionTimezone: schedule.timeZone,
    FlexibleTimeWindow: schedule.window,
    Target: schedule.target,
    ActionAfterCompletion: schedule.actionAfterCompletion,
    CreationDate: new Date(schedule.createdAt),
    LastModificationDate: new Date(schedule.modifiedAt),
    ...(startsAt !== undefined && { StartDate: new Date(startsAt) }),
    ...(endsAt !== undefined && { EndDate: new Date(endsAt) }),
    ...(description !== undefined && { Description: description }),
    ...(kmsKeyArn !== undefined && { KmsKeyArn: kmsKeyArn }),
  }
}

function listed(schedule: Schedule, scope: Scope): ScheduleSummary {
  return {
    Arn: scheduleArn(schedule, scope),
    Name: schedule.name,
    GroupName: schedule.group,
    State: schedule.state,
    CreationDate: new Date(schedule.createdAt),
    LastModificationDate: new Date(schedule.modifiedAt),
    Target: { Arn: schedule.target.Arn },
  }
}
