/** GetMetricData: many metrics and expressions at once, in pages. */
import type { GetMetricDataInput, MetricDataQuery, MetricDataResult } from '@aws-sdk/client-cloudwatch'
import type { Context } from '../../delivery/context.ts'
import { labelOf } from '../../engines/metrics/labels.ts'
import { MathError } from '../../engines/metrics/mathSyntax.ts'
import type { MathValue } from '../../engines/metrics/mathValues.ts'
import type { Series } from '../../engines/metrics/series.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { flushMeters } from './meterDraining.ts'
import { QueryRun } from './metricQueries.ts'
import { mustBePeriod } from './metricStatistics.ts'

const { InvalidNextToken, InvalidParameterCombinationException, InvalidParameterValueException, ValidationException } =
  awsErrors('cloudwatch')

const queriesMax = 500
const datapointsMax = 100_800

export const metricDataOperations = operations('cloudwatch', {
  async GetMetricData(input, ctx) {
    const { MetricDataQueries: queries, StartTime, EndTime } = input
    checkQueries(queries)
    if (StartTime >= EndTime) {
      throw InvalidParameterValueException('The parameter StartTime must be less than the parameter EndTime.')
    }
    const limit = input.MaxDatapoints ?? datapointsMax
    if (limit < 1 || limit > datapointsMax) {
      throw InvalidParameterValueException(`The value ${limit} for parameter MaxDatapoints is invalid.`)
    }
    await flushMeters(ctx)
    const span = { start: StartTime.getTime(), end: EndTime.getTime(), now: ctx.clock.now() }
    const run = new QueryRun(ctx, queries, span)
    const all: MetricDataResult[] = []
    for (const query of queries.filter(({ ReturnData = true }) => ReturnData)) {
      all.push(...resultsOf(ctx, query, run, input))
      // Five hundred days of minutes are seconds of work: others have their turn in between.
      await new Promise((resolve) => setImmediate(resolve))
    }
    return pageOf(all, limit, input.NextToken)
  },
})

/** Errors: ValidationError and InvalidParameter…, as alarms have them too. */
export function checkQueries(queries: readonly MetricDataQuery[]): void {
  if (queries.length === 0 || queries.length > queriesMax) {
    throw ValidationException(`The collection MetricDataQueries must have a size from 1 to ${queriesMax}.`)
  }
  const ids = new Set<string>()
  for (const [index, { Id = '', MetricStat, Expression, Period }] of queries.entries()) {
    const path = `MetricDataQueries.member.${index + 1}`
    if (!/^[a-z]\w*$/.test(Id))
      throw ValidationException(
        `The value ${Id} for parameter ${path}.Id is not matching the expected pattern ^[a-z][a-zA-Z0-9_]*$.`,
      )
    if (ids.has(Id)) throw ValidationException('The values for parameter id in MetricDataQueries are not unique.')
    ids.add(Id)
    if ((MetricStat === undefined) === (Expression === undefined)) {
      throw InvalidParameterCombinationException(
        `Either ${path}.MetricStat or ${path}.Expression must be specified, and not both.`,
      )
    }
    if (MetricStat) mustBePeriod(MetricStat.Period ?? 60, `${path}.MetricStat.Period`)
    if (Period) mustBePeriod(Period, `${path}.Period`)
  }
}

/** Errors: ValidationError. */
export function computed(run: QueryRun, id: string): MathValue {
  try {
    return run.byName(id) ?? []
  } catch (error) {
    if (error instanceof MathError) throw ValidationException(`Error in expression '${id}': ${error.message}`)
    throw error
  }
}

function resultsOf(ctx: Context, query: MetricDataQuery, run: QueryRun, input: GetMetricDataInput): MetricDataResult[] {
  const { Id = '', Label } = query
  const value = computed(run, Id)
  if (typeof value !== 'object') {
    throw ValidationException(
      `Error in expression '${Id}': The expression must give a time series, and gives ${typeof value === 'number' ? 'a number' : 'a text'}.`,
    )
  }
  const place = {
    account: ctx.account,
    region: ctx.region,
    timezone: input.LabelOptions?.Timezone,
    now: run.span.now,
  }
  const many = Array.isArray(value)
  return (many ? value : [value]).map((series) => ({
    Id,
    Label: labelFor(Label, series, many, place),
    ...ordered(series, input.ScanBy),
    StatusCode: 'Complete',
  }))
}

/** One label for many series stands before the label of each. */
function labelFor(
  template: string | undefined,
  series: Series,
  many: boolean,
  place: Parameters<typeof labelOf>[2],
): string {
  if (!template) return series.label
  const label = labelOf(template, series, place)
  return many && !template.includes('${') ? `${label} ${series.label}` : label
}

function ordered({ timestamps, values }: Series, scanBy = 'TimestampDescending') {
  const Timestamps = timestamps.map((at) => new Date(at))
  if (scanBy === 'TimestampAscending') return { Timestamps, Values: values }
  return { Timestamps: Timestamps.reverse(), Values: [...values].reverse() }
}

/** The token is the number of datapoints that were given before. */
function pageOf(all: MetricDataResult[], limit: number, token: string | undefined) {
  let skip = 0
  if (token !== undefined) {
    skip = Number(Buffer.from(token, 'base64url').toString())
    if (!Number.isInteger(skip) || skip < 1) throw InvalidNextToken('The specified NextToken is invalid.')
  }
  const end = skip + limit
  const page: MetricDataResult[] = []
  let passed = 0
  for (const result of all) {
    const { Timestamps = [], Values = [] } = result
    const [from, to] = [Math.max(0, skip - passed), Math.min(Values.length, end - passed)]
    passed += Values.length
    const isEmpty = Values.length === 0 && skip === 0
    if (to <= from && !isEmpty) continue
    const StatusCode = to < Values.length ? ('PartialData' as const) : ('Complete' as const)
    page.push({ ...result, Timestamps: Timestamps.slice(from, to), Values: Values.slice(from, to), StatusCode })
  }
  const NextToken = passed > end ? { NextToken: Buffer.from(String(end)).toString('base64url') } : {}
  return { MetricDataResults: page, Messages: [], ...NextToken }
}
