/** Metric filters: what of a group's events is counted or measured, as which metric. */
import type { MetricFilter as Described } from '@aws-sdk/client-cloudwatch-logs'
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { checkExpressions } from './filterLimits.ts'
import { compileFilter } from './filters.ts'
import { groups, mustBeStandard, mustGetGroup } from './groups.ts'
import { type MetricTransformation, transformationFrom } from './metricTransformations.ts'
import { pageOf } from './pages.ts'

export interface MetricFilter {
  groupName: string
  name: string
  pattern: string
  createdAt: Millis
  transformation: MetricTransformation
}

export const metricFilters = collection<MetricFilter>('logs/metric-filters', {
  version: 1,
  key: ({ groupName, name }) => [groupName, name],
})

const { InvalidParameterException, LimitExceededException, ResourceNotFoundException } = awsErrors('cloudwatch-logs')
/** AWS's quota for one group. */
const filtersMax = 100

export const metricFilterOperations = operations('cloudwatch-logs', {
  async PutMetricFilter(input, ctx) {
    const { logGroupName, filterName: name, filterPattern: pattern } = input
    for (const absent of ['applyOnTransformedLogs', 'fieldSelectionCriteria', 'emitSystemFieldDimensions'] as const) {
      if (input[absent]) throw NotImplemented(`PutMetricFilter ${absent}`)
    }
    const filter = compileFilter(pattern)
    const transformation = transformationFrom(input.metricTransformations, filter)
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, logGroupName)
      mustBeStandard(group)
      const before = tx.in(metricFilters).get(group.name, name)
      const count = group.metricFilters ?? 0
      if (!before && count >= filtersMax) throw LimitExceededException('Resource limit exceeded.')
      checkExpressions(tx, group, { kind: 'metric', name, filter })
      tx.in(metricFilters).put({
        groupName: group.name,
        name,
        pattern,
        createdAt: before?.createdAt ?? tx.now,
        transformation,
      })
      if (!before) tx.in(groups).put({ ...group, metricFilters: count + 1 })
    })
    return {}
  },

  async DescribeMetricFilters(input, ctx) {
    const { logGroupName, filterNamePrefix = '', metricName, metricNamespace, nextToken: token, limit } = input
    if ((metricName === undefined) !== (metricNamespace === undefined)) {
      throw InvalidParameterException('metricName and metricNamespace must be specified together.')
    }
    if (logGroupName !== undefined) mustGetGroup(ctx, logGroupName)
    const found = ctx.in(metricFilters).list(logGroupName === undefined ? {} : { prefix: [logGroupName] })
    const wanted = [...found].filter(
      ({ name, transformation }) =>
        name.startsWith(filterNamePrefix) &&
        (metricName === undefined || transformation.metricName === metricName) &&
        (metricNamespace === undefined || transformation.metricNamespace === metricNamespace),
    )
    const sorted = wanted.sort((left, right) => (pageKey(left) < pageKey(right) ? -1 : 1))
    const { items, nextToken } = pageOf(sorted, pageKey, { token, limit })
    return { metricFilters: items.map(describe), ...(nextToken && { nextToken }) }
  },

  async DeleteMetricFilter(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, input.logGroupName)
      if (!tx.in(metricFilters).has(group.name, input.filterName)) {
        throw ResourceNotFoundException('The specified metric filter does not exist.')
      }
      tx.in(metricFilters).delete(group.name, input.filterName)
      tx.in(groups).put({ ...group, metricFilters: (group.metricFilters ?? 1) - 1 })
    })
    return {}
  },

  async TestMetricFilter(input) {
    const { passes, extracted } = compileFilter(input.filterPattern)
    const matches = input.logEventMessages.flatMap((eventMessage, index) =>
      passes(eventMessage) ? [{ eventNumber: index + 1, eventMessage, extractedValues: extracted(eventMessage) }] : [],
    )
    return { matches }
  },
})

export function deleteMetricFilters(tx: Tx, groupName: string): void {
  for (const { name } of [...tx.in(metricFilters).list({ prefix: [groupName] })]) {
    tx.in(metricFilters).delete(groupName, name)
  }
}

function pageKey({ name, groupName }: MetricFilter): string {
  return `${name}\n${groupName}`
}

function describe({ groupName, name, pattern, createdAt, transformation }: MetricFilter): Described {
  return {
    filterName: name,
    filterPattern: pattern,
    metricTransformations: [transformation as NonNullable<Described['metricTransformations']>[number]],
    creationTime: createdAt,
    logGroupName: groupName,
    applyOnTransformedLogs: false,
  }
}
