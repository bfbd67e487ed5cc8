/** Groups: named filter expressions. `Default` is always there, has none, and so stands for all traces. */
import type { Context, Tx } from '../../delivery/context.ts'
import type { Scope } from '../../store/collection.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { pagesOf } from '../pages.ts'
import { operations } from '../service.ts'
import { parseFilter } from './filterParser.ts'
import { tagRecord } from './tagRecords.ts'

const { InvalidRequestException } = awsErrors('xray')

export interface Group {
  name: string
  /** The last part of its ARN. */
  id: string
  filterExpression?: string
  tags: Record<string, string>
}

export const groups = collection<Group>('xray/groups', { version: 1, key: (group) => [group.name] })

/** AWS's quota. */
const groupsMax = 25
const defaultName = 'Default'
const pages = pagesOf(() => InvalidRequestException('The NextToken is invalid.'))

export const groupOperations = operations('xray', {
  async CreateGroup(input, ctx) {
    refuseInsights(input.InsightsConfiguration)
    const { GroupName: name, FilterExpression: filterExpression } = input
    checkExpression(filterExpression)
    const group = await ctx.commit((tx) => {
      if (name === defaultName) throw InvalidRequestException(`The group name ${defaultName} is reserved.`)
      if (tx.in(groups).has(name)) throw InvalidRequestException(`Group ${name} already exists.`)
      if (tx.in(groups).count() >= groupsMax) {
        throw InvalidRequestException(`An account may have at most ${groupsMax} groups.`)
      }
      const made: Group = {
        name,
        id: tx.random.text(52),
        ...(filterExpression && { filterExpression }),
        tags: tagRecord(input.Tags),
      }
      tx.in(groups).put(made)
      return made
    })
    return { Group: output(ctx, group) }
  },

  async GetGroup(input, ctx) {
    return { Group: output(ctx, mustGetGroup(ctx, input)) }
  },

  async GetGroups(input, ctx) {
    const all = [defaultGroup, ...ctx.in(groups).list()].sort((a, b) => (a.name < b.name ? -1 : 1))
    const { items, nextToken } = pages.pageOf(all, ({ name }) => [name], { token: input.NextToken })
    return { Groups: items.map((group) => output(ctx, group)), ...(nextToken && { NextToken: nextToken }) }
  },

  async UpdateGroup(input, ctx) {
    refuseInsights(input.InsightsConfiguration)
    const { FilterExpression: filterExpression } = input
    checkExpression(filterExpression)
    const group = await ctx.commit((tx) => {
      const { filterExpression: before, ...rest } = mustGetOwn(tx, input)
      const wanted = filterExpression ?? before
      const after: Group = { ...rest, ...(wanted && { filterExpression: wanted }) }
      tx.in(groups).put(after)
      return after
    })
    return { Group: output(ctx, group) }
  },

  async DeleteGroup(input, ctx) {
    await ctx.commit((tx) => tx.in(groups).delete(mustGetOwn(tx, input).name))
    return {}
  },
})

const defaultGroup: Group = { name: defaultName, id: '', tags: {} }

interface Named {
  GroupName?: string | undefined
  GroupARN?: string | undefined
}

type Reader = Pick<Context | Tx, 'in'> & Scope

/** The expression that narrows what an operation looks at; undefined for all. Errors: InvalidRequestException. */
export function groupFilter(ctx: Reader, named: Named): string | undefined {
  if (named.GroupName === undefined && named.GroupARN === undefined) return undefined
  return mustGetGroup(ctx, named).filterExpression
}

export function groupArn({ account, region }: Scope, { name, id }: Pick<Group, 'name' | 'id'>): string {
  return `arn:aws:xray:${region}:${account}:group/${name}${id && `/${id}`}`
}

function mustGetGroup(reader: Reader, { GroupName, GroupARN }: Named): Group {
  if ((GroupName === undefined) === (GroupARN === undefined)) {
    throw InvalidRequestException('Specify either a group name or a group ARN.')
  }
  const name = GroupName ?? /:group\/([^/]+)/.exec(GroupARN as string)?.[1] ?? ''
  const group = name === defaultName ? defaultGroup : reader.in(groups).get(name)
  if (group && (GroupARN === undefined || groupArn(reader, group) === GroupARN)) return group
  throw InvalidRequestException('Group not found')
}

function mustGetOwn(tx: Tx, named: Named): Group {
  const group = mustGetGroup(tx, named)
  if (group === defaultGroup) throw InvalidRequestException(`The group ${defaultName} cannot be changed.`)
  return group
}

function output(scope: Scope, group: Group) {
  return {
    GroupName: group.name,
    GroupARN: groupArn(scope, group),
    ...(group.filterExpression && { FilterExpression: group.filterExpression }),
    InsightsConfiguration: { InsightsEnabled: false, NotificationsEnabled: false },
  }
}

/** A group that asks for a group could ask for itself. */
function checkExpression(expression: string | undefined): void {
  if (!expression) return
  parseFilter(expression)
  if (/\bgroup\./i.test(expression)) {
    throw InvalidRequestException('The filter expression of a group may not name a group.')
  }
}

function refuseInsights(wanted: { InsightsEnabled?: boolean | undefined } | undefined): void {
  if (wanted?.InsightsEnabled) throw NotImplemented('xray: insights of a group')
}
