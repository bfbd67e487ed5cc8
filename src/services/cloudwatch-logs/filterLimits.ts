/** AWS's limit of filters with regular expressions that a group may have, metric and subscription filters together. */
import type { Tx } from '../../delivery/context.ts'
import type { LogFilter } from '../../engines/logFilters/logFilter.ts'
import { awsErrors } from '../../wire/errors.ts'
import { compiledFilters } from './filters.ts'
import type { LogGroup } from './groups.ts'
import { metricFilters } from './metricFilters.ts'
import { subscriptionFilters } from './subscriptionFilters.ts'

const { LimitExceededException } = awsErrors('cloudwatch-logs')
const withExpressionsMax = 5

/** Errors: LimitExceededException. */
export function checkExpressions(
  tx: Tx,
  group: LogGroup,
  added: { kind: 'metric' | 'subscription'; name: string; filter: LogFilter },
): void {
  if (added.filter.expressions === 0) return
  const range = { prefix: [group.name] }
  const others = [
    ...[...tx.in(metricFilters).list(range)].filter(({ name }) => added.kind !== 'metric' || name !== added.name),
    ...[...tx.in(subscriptionFilters).list(range)].filter(
      ({ name }) => added.kind !== 'subscription' || name !== added.name,
    ),
  ]
  const compiled = tx.use(compiledFilters)
  const withExpressions = others.filter(({ pattern }) => compiled(pattern).expressions > 0)
  if (withExpressions.length >= withExpressionsMax) throw LimitExceededException('Resource limit exceeded.')
}
