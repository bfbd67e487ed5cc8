/** Log groups. What was logged lies in batches (batches.ts) under the group's id, so a group made anew begins empty. */
import type { LogGroupClass } from '@aws-sdk/client-cloudwatch-logs'
import type { Millis } from '../../clock.ts'
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { collection, type Scope } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import type { DataProtection } from './dataProtection.ts'
import { planExpiry } from './expiries.ts'
import { deleteMetricFilters } from './metricFilters.ts'
import { pageOf } from './pages.ts'
import { purges } from './purges.ts'
import { streams } from './streamRecords.ts'
import { deleteSubscriptionFilters } from './subscriptionFilters.ts'

export interface LogGroup {
  name: string
  id: string
  createdAt: Millis
  retentionDays?: number
  kmsKeyId?: string
  class: LogGroupClass
  isProtected: boolean
  storedBytes: number
  metricFilters?: number
  subscriptionFilters?: number
  protection?: DataProtection
  /** When its data protection policy was put last. */
  protectedAt?: Millis
  tags: Record<string, string>
}

export const groups = collection<LogGroup>('logs/groups', { version: 1, key: (group) => [group.name] })

const {
  InvalidOperationException,
  InvalidParameterException,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  ValidationException,
} = awsErrors('cloudwatch-logs')

const retentionDaysAllowed = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
]

export function groupArn(name: string, { account, region }: Scope): Arn {
  return `arn:aws:logs:${region}:${account}:log-group:${name}`
}

/** A request names a group by its name, or by its ARN with or without `:*`. */
export function groupName(nameOrArn: string): string {
  const resource = parseArn(nameOrArn)?.resource
  return resource ? resource.replace(/^log-group:/, '').replace(/:.*$/, '') : nameOrArn
}

/** Errors: ResourceNotFoundException. */
export function mustGetGroup(place: Pick<Context | Tx, 'in'>, name: string): LogGroup {
  const group = place.in(groups).get(name)
  if (!group) throw ResourceNotFoundException('The specified log group does not exist.')
  return group
}

/** Groups for seldom access are only written to, kept, and queried by Insights. Errors: InvalidOperationException. */
export function mustBeStandard(group: LogGroup): void {
  if (group.class !== 'STANDARD') {
    throw InvalidOperationException(`The operation is not supported for log groups of the class ${group.class}.`)
  }
}

/** Errors: InvalidParameterException where a request names no group at all. */
export function namedGroup(input: {
  logGroupName?: string | undefined
  logGroupIdentifier?: string | undefined
}): string {
  const name = input.logGroupName ?? input.logGroupIdentifier
  if (name === undefined) {
    throw InvalidParameterException('Either logGroupName or logGroupIdentifier must be specified.')
  }
  if (input.logGroupName !== undefined && input.logGroupIdentifier !== undefined) {
    throw InvalidParameterException('LogGroup name and LogGroup identifier cannot be used together.')
  }
  return groupName(name)
}

export function newGroup(tx: Tx, name: string): LogGroup {
  return {
    name,
    id: tx.random.uuid(),
    createdAt: tx.now,
    class: 'STANDARD',
    isProtected: false,
    storedBytes: 0,
    tags: {},
  }
}

export const groupOperations = operations('cloudwatch-logs', {
  async CreateLogGroup(input, ctx) {
    const { logGroupName, kmsKeyId, tags = {}, logGroupClass = 'STANDARD', deletionProtectionEnabled = false } = input
    if (logGroupClass === 'DELIVERY') throw NotImplemented('The log class DELIVERY')
    await ctx.commit((tx) => {
      if (tx.in(groups).has(logGroupName)) {
        throw ResourceAlreadyExistsException('The specified log group already exists')
      }
      const kept = { class: logGroupClass, isProtected: deletionProtectionEnabled, tags }
      tx.in(groups).put({ ...newGroup(tx, logGroupName), ...kept, ...(kmsKeyId !== undefined && { kmsKeyId }) })
    })
    return {}
  },

  async DeleteLogGroup(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, input.logGroupName)
      if (group.isProtected) {
        throw ValidationException('The specified log group has deletion protection enabled and cannot be deleted.')
      }
      tx.in(groups).delete(group.name)
      if (group.metricFilters) deleteMetricFilters(tx, group.name)
      if (group.subscriptionFilters) deleteSubscriptionFilters(tx, group.name)
      for (const stream of [...tx.in(streams).list({ prefix: [group.id] })])
        tx.in(streams).delete(group.id, stream.name)
      tx.due(purges).put({ id: group.id, dueAt: tx.now, groupId: group.id })
    })
    return {}
  },

  async DescribeLogGroups(input, ctx) {
    const { logGroupNamePrefix, logGroupNamePattern, logGroupClass, nextToken: token, limit } = input
    if (logGroupNamePrefix !== undefined && logGroupNamePattern !== undefined) {
      throw InvalidParameterException(
        'LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.',
      )
    }
    const all = [...ctx.in(groups).list({ startsWith: logGroupNamePrefix ?? '' })].filter(
      (group) =>
        group.name.toLowerCase().includes((logGroupNamePattern ?? '').toLowerCase()) &&
        (logGroupClass === undefined || group.class === logGroupClass),
    )
    const { items, nextToken } = pageOf(all, (group) => group.name, { token, limit })
    return { logGroups: items.map((group) => describe(group, ctx)), ...(nextToken && { nextToken }) }
  },

  async PutRetentionPolicy(input, ctx) {
    const days = input.retentionInDays
    if (!retentionDaysAllowed.includes(days)) {
      throw InvalidParameterException(
        `1 validation error detected: Value '${days}' at 'retentionInDays' failed to satisfy constraint: Member must satisfy enum value set: [${retentionDaysAllowed.join(', ')}]`,
      )
    }
    await ctx.commit((tx) => {
      const group = { ...mustGetGroup(tx, input.logGroupName), retentionDays: days }
      tx.in(groups).put(group)
      planExpiry(tx, group)
    })
    return {}
  },

  async DeleteRetentionPolicy(input, ctx) {
    await ctx.commit((tx) => {
      const { retentionDays: _, ...group } = mustGetGroup(tx, input.logGroupName)
      tx.in(groups).put(group)
      planExpiry(tx, group)
    })
    return {}
  },

  async ListLogGroups(input, ctx) {
    const { logGroupNamePattern, logGroupClass, nextToken: token, limit } = input
    const wanted = logGroupNamePattern === undefined ? undefined : new RegExp(logGroupNamePattern)
    const all = [...ctx.in(groups).list()].filter(
      (group) => (wanted?.test(group.name) ?? true) && (logGroupClass === undefined || group.class === logGroupClass),
    )
    const { items, nextToken } = pageOf(all, (group) => group.name, { token, limit })
    const logGroups = items.map((group) => ({
      logGroupName: group.name,
      logGroupArn: groupArn(group.name, ctx),
      logGroupClass: group.class,
    }))
    return { logGroups, ...(nextToken && { nextToken }) }
  },

  async AssociateKmsKey(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, namedGroup({ ...input, logGroupIdentifier: input.resourceIdentifier }))
      tx.in(groups).put({ ...group, kmsKeyId: input.kmsKeyId })
    })
    return {}
  },

  async DisassociateKmsKey(input, ctx) {
    await ctx.commit((tx) => {
      const name = namedGroup({ ...input, logGroupIdentifier: input.resourceIdentifier })
      const { kmsKeyId: _, ...group } = mustGetGroup(tx, name)
      tx.in(groups).put(group)
    })
    return {}
  },

  async PutLogGroupDeletionProtection(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, groupName(input.logGroupIdentifier))
      tx.in(groups).put({ ...group, isProtected: input.deletionProtectionEnabled })
    })
    return {}
  },
})

function describe(group: LogGroup, scope: Scope) {
  const arn = groupArn(group.name, scope)
  return {
    logGroupName: group.name,
    creationTime: group.createdAt,
    metricFilterCount: group.metricFilters ?? 0,
    arn: `${arn}:*`,
    logGroupArn: arn,
    storedBytes: group.storedBytes,
    logGroupClass: group.class,
    deletionProtectionEnabled: group.isProtected,
    ...(group.retentionDays !== undefined && { retentionInDays: group.retentionDays }),
    ...(group.protectedAt !== undefined && {
      dataProtectionStatus: group.protection ? ('ACTIVATED' as const) : ('DELETED' as const),
    }),
    ...(group.kmsKeyId !== undefined && { kmsKeyId: group.kmsKeyId }),
  }
}
