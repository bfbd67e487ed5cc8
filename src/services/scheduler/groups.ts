/**
 * Schedule groups. Every account and region has the group `default` without making it; a record of it holds only its
 * tags. A group that is deleted is DELETING until its schedules are gone (groupDeletions.ts).
 */
import type { Tag } from '@aws-sdk/client-scheduler'
import type { Millis } from '../../clock.ts'
import type { Arn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { tagFault, tagPairs, tagsMax } from '../tagRules.ts'
import { pageOf } from './pages.ts'

export interface ScheduleGroup {
  name: string
  state: 'ACTIVE' | 'DELETING'
  createdAt: Millis
  modifiedAt: Millis
  /** Of the request that made it: the same request again answers the same. */
  clientToken?: string
  tags: Tag[]
}

export const groups = collection<ScheduleGroup>('scheduler/groups', { version: 1, key: (group) => [group.name] })

const { ConflictException, ResourceNotFoundException, ServiceQuotaExceededException, ValidationException } =
  awsErrors('scheduler')
export const defaultGroup = 'default'
/** AWS's quota of groups for an account and region. */
const groupsMax = 500

export function groupArn(name: string, { account, region }: Scope): Arn {
  return `arn:aws:scheduler:${region}:${account}:schedule-group/${name}`
}

export function getGroup(place: Pick<Context | Tx, 'in'>, name: string): ScheduleGroup | undefined {
  const untouched = { name, state: 'ACTIVE' as const, createdAt: 0, modifiedAt: 0, tags: [] }
  return place.in(groups).get(name) ?? (name === defaultGroup ? untouched : undefined)
}

/** Errors: ResourceNotFoundException. */
export function mustGetGroup(place: Pick<Context | Tx, 'in'>, name: string): ScheduleGroup {
  const group = getGroup(place, name)
  if (!group) throw ResourceNotFoundException(`Schedule group ${name} does not exist.`)
  return group
}

/** Errors: ResourceNotFoundException, and ConflictException for a group that is being deleted. */
export function mustGetActiveGroup(place: Pick<Context | Tx, 'in'>, name: string): ScheduleGroup {
  const group = mustGetGroup(place, name)
  if (group.state === 'DELETING') throw ConflictException(`Schedule group ${name} is being deleted.`)
  return group
}

export const groupOperations = operations('scheduler', {
  async CreateScheduleGroup({ Name: name, Tags: tags = [], ClientToken: clientToken }, ctx) {
    checkTags(tags)
    await ctx.commit((tx) => {
      const existing = getGroup(tx, name)
      if (existing && clientToken !== undefined && existing.clientToken === clientToken) return
      if (existing) throw ConflictException(`Schedule group ${name} already exists.`)
      if (tx.in(groups).count({ limit: groupsMax }) >= groupsMax) {
        throw ServiceQuotaExceededException('The maximum number of schedule groups has been reached.')
      }
      const times = { createdAt: tx.now, modifiedAt: tx.now }
      tx.in(groups).put({ name, state: 'ACTIVE', ...times, tags, ...(clientToken && { clientToken }) })
    })
    return { ScheduleGroupArn: groupArn(name, ctx) }
  },

  async GetScheduleGroup({ Name }, ctx) {
    return shown(mustGetGroup(ctx, Name), ctx)
  },

  async ListScheduleGroups({ NamePrefix = '', MaxResults, NextToken }, ctx) {
    const named = allGroups(ctx).filter(({ name }) => name.startsWith(NamePrefix))
    const { items, nextToken } = pageOf(named, ({ name }) => [name], { token: NextToken, limit: MaxResults })
    return { ScheduleGroups: items.map((group) => shown(group, ctx)), ...(nextToken && { NextToken: nextToken }) }
  },
})

/** In the order of their names. */
export function allGroups(place: Pick<Context | Tx, 'in'>): ScheduleGroup[] {
  const made = [...place.in(groups).list()].filter(({ name }) => name !== defaultGroup)
  return [...made, getGroup(place, defaultGroup) as ScheduleGroup].sort((a, b) => (a.name < b.name ? -1 : 1))
}

/** Errors: ValidationException. */
export function checkTags(tags: Tag[]): void {
  if (tags.length > tagsMax) throw ValidationException(`A resource has at most ${tagsMax} tags.`)
  const fault = tagFault(tagPairs(tags))
  if (fault !== undefined) throw ValidationException(fault)
}

function shown({ name, state, createdAt, modifiedAt }: ScheduleGroup, scope: Scope) {
  return {
    Arn: groupArn(name, scope),
    Name: name,
    State: state,
    CreationDate: new Date(createdAt),
    LastModificationDate: new Date(modifiedAt),
  }
}
