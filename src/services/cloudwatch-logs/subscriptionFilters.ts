/** Subscription filters: what of a group's events is sent on to a function, as it is ingested. */
import type { SubscriptionFilter as Described } from '@aws-sdk/client-cloudwatch-logs'
import type { Millis } from '../../clock.ts'
import { type Arn, parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import { collection } from '../../store/collection.ts'
import { AwsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { checkExpressions } from './filterLimits.ts'
import { compileFilter } from './filters.ts'
import { groupArn, groups, mustBeStandard, mustGetGroup } from './groups.ts'
import { pageOf } from './pages.ts'

export interface SubscriptionFilter {
  groupName: string
  name: string
  pattern: string
  destinationArn: Arn
  /** Who sends, as the function's policy knows it: `logs.amazonaws.com`, or the region's. */
  principal: string
  createdAt: Millis
}

export const subscriptionFilters = collection<SubscriptionFilter>('logs/subscription-filters', {
  version: 1,
  key: ({ groupName, name }) => [groupName, name],
})

const { InvalidParameterException, LimitExceededException, ResourceNotFoundException } = awsErrors('cloudwatch-logs')
/** AWS's quota for one group. */
const filtersMax = 2
const notPermitted =
  'Could not execute the lambda function. Make sure you have given CloudWatch Logs permission to execute your function.'

export const subscriptionFilterOperations = operations('cloudwatch-logs', {
  async PutSubscriptionFilter(input, ctx) {
    const { filterName: name, filterPattern: pattern, destinationArn } = input
    for (const absent of ['applyOnTransformedLogs', 'fieldSelectionCriteria', 'emitSystemFields'] as const) {
      if (input[absent]) throw NotImplemented(`PutSubscriptionFilter ${absent}`)
    }
    const filter = compileFilter(pattern)
    const { name: groupName } = mustGetGroup(ctx, input.logGroupName)
    const principal = await sendingPrincipal(ctx, groupName, destinationArn)
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, groupName)
      mustBeStandard(group)
      const before = tx.in(subscriptionFilters).get(group.name, name)
      const count = group.subscriptionFilters ?? 0
      if (!before && count >= filtersMax) throw LimitExceededException('Resource limit exceeded.')
      checkExpressions(tx, group, { kind: 'subscription', name, filter })
      const createdAt = before?.createdAt ?? tx.now
      tx.in(subscriptionFilters).put({ groupName, name, pattern, destinationArn, principal, createdAt })
      if (!before) tx.in(groups).put({ ...group, subscriptionFilters: count + 1 })
    })
    return {}
  },

  async DescribeSubscriptionFilters(input, ctx) {
    const { filterNamePrefix = '', nextToken: token, limit } = input
    const group = mustGetGroup(ctx, input.logGroupName)
    const found = [...ctx.in(subscriptionFilters).list({ prefix: [group.name], startsWith: filterNamePrefix })]
    const { items, nextToken } = pageOf(found, ({ name }) => name, { token, limit })
    return { subscriptionFilters: items.map(describe), ...(nextToken && { nextToken }) }
  },

  async DeleteSubscriptionFilter(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, input.logGroupName)
      if (!tx.in(subscriptionFilters).has(group.name, input.filterName)) {
        throw ResourceNotFoundException('The specified subscription filter does not exist.')
      }
      tx.in(subscriptionFilters).delete(group.name, input.filterName)
      tx.in(groups).put({ ...group, subscriptionFilters: (group.subscriptionFilters ?? 1) - 1 })
    })
    return {}
  },
})

export function deleteSubscriptionFilters(tx: Tx, groupName: string): void {
  for (const { name } of [...tx.in(subscriptionFilters).list({ prefix: [groupName] })]) {
    tx.in(subscriptionFilters).delete(groupName, name)
  }
}

/** As whom the function lets us in. Errors: InvalidParameterException where it does not, NotImplemented for what is no function. */
async function sendingPrincipal(ctx: Context, groupName: string, destinationArn: Arn): Promise<string> {
  const parts = parseArn(destinationArn)
  if (!parts) throw InvalidParameterException('destinationArn is not a valid ARN.')
  if (parts.service !== 'lambda') throw NotImplemented(`A subscription filter to ${parts.service}`)
  const lambda = ctx.at({ account: parts.account, region: parts.region }).call('lambda')
  await orUndefined(lambda.GetFunction({ FunctionName: destinationArn }), () => {
    throw InvalidParameterException(notPermitted)
  })
  const found = await orUndefined(lambda.GetPolicy({ FunctionName: destinationArn }), () => undefined)
  const question = { action: 'lambda:InvokeFunction', resource: destinationArn, account: parts.account }
  const sourceArn = `${groupArn(groupName, ctx)}:*`
  const principals = ['logs.amazonaws.com', `logs.${ctx.region}.amazonaws.com`]
  const principal = principals.find((one) =>
    mayDeliver(ctx, found?.Policy, { ...question, sender: { principal: one, sourceArn } }),
  )
  if (!principal) throw InvalidParameterException(notPermitted)
  return principal
}

async function orUndefined<T>(asked: Promise<T>, absent: () => undefined): Promise<T | undefined> {
  try {
    return await asked
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'ResourceNotFoundException') throw error
    return absent()
  }
}

function describe({ groupName, name, pattern, destinationArn, createdAt }: SubscriptionFilter): Described {
  return {
    filterName: name,
    logGroupName: groupName,
    filterPattern: pattern,
    destinationArn,
    distribution: 'ByLogStream',
    applyOnTransformedLogs: false,
    creationTime: createdAt,
  }
}
