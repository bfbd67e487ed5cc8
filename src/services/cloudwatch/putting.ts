/**
 * PutMetricData: single values, values with counts, statistic sets.
 * Limits and words: docs.aws.amazon.com, CloudWatch API Reference, "PutMetricData" and "MetricDatum".
 */
import type { MetricDatum } from '@aws-sdk/client-cloudwatch'
import type { Millis } from '../../clock.ts'
import type { Measurement } from '../../delivery/metrics.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { keep } from './keeping.ts'

const { InvalidParameterCombinationException, InvalidParameterValueException, MissingRequiredParameterException } =
  awsErrors('cloudwatch')

const datapointsMax = 1_000
const dimensionsMax = 30
const valuesMax = 150
const valueMax = 2 ** 360
const hourMillis = 3_600_000
const futureMillisMax = 2 * hourMillis
const pastMillisMax = 14 * 24 * hourMillis

export const putOperations = operations('cloudwatch', {
  async PutMetricData(input, ctx) {
    if (input.EntityMetricData) throw NotImplemented('cloudwatch:PutMetricData with EntityMetricData')
    const { Namespace, MetricData } = input
    if (!MetricData) throw MissingRequiredParameterException('The parameter MetricData is required.')
    if (/^AWS\//.test(Namespace)) throw invalid(`The value ${Namespace} for parameter Namespace is invalid.`)
    mustFit('MetricData', MetricData, datapointsMax)
    const now = ctx.clock.now()
    const measured = MetricData.map((datum, index) => measurementOf(datum, `MetricData.member.${index + 1}`, now))
    await ctx.commit((tx) => {
      for (const each of measured) keep(tx, Namespace, each)
    })
    return {}
  },
})

function measurementOf(datum: MetricDatum, path: string, now: Millis): Measurement {
  const { MetricName = '', Dimensions = [], Timestamp, Unit = 'None', StorageResolution = 60 } = datum
  mustFit(`${path}.Dimensions`, Dimensions, dimensionsMax)
  if (new Set(Dimensions.map(({ Name }) => Name)).size < Dimensions.length) {
    throw invalid(`The collection ${path}.Dimensions must not have two dimensions of the same name.`)
  }
  if (StorageResolution !== 1 && StorageResolution !== 60) {
    throw invalid(
      `The value ${StorageResolution} for parameter ${path}.StorageResolution is invalid. Valid values: 1, 60.`,
    )
  }
  const at = Timestamp?.getTime() ?? now
  if (at > now + futureMillisMax) {
    throw invalid(`The parameter ${path}.Timestamp must specify a time no more than two hours in the future.`)
  }
  if (at < now - pastMillisMax) {
    throw invalid(`The parameter ${path}.Timestamp must specify a time within the past two weeks.`)
  }
  return {
    name: MetricName,
    dimensions: Dimensions.map(({ Name = '', Value = '' }) => ({ name: Name, value: Value })),
    at,
    unit: Unit,
    resolutionSeconds: StorageResolution,
    ...samplesOf(datum, path),
  }
}

function samplesOf(
  { Value, Values, Counts, StatisticValues }: MetricDatum,
  path: string,
): Pick<Measurement, 'values' | 'counts' | 'statistics'> {
  const given = Object.entries({ Value, Values, StatisticValues }).filter(([, value]) => value !== undefined)
  if (given.length === 0) {
    const names = ['Value', 'Values', 'StatisticValues'].map((name) => `${path}.${name}`).join(', ')
    throw MissingRequiredParameterException(`At least one of the parameters ${names} must be specified.`)
  }
  if (given.length > 1) {
    const [one, other] = given.map(([name]) => `${path}.${name}`)
    throw InvalidParameterCombinationException(
      `The parameters ${one} and ${other} are mutually exclusive and you have specified both.`,
    )
  }
  if (StatisticValues) return { statistics: statisticSet(StatisticValues, `${path}.StatisticValues`) }
  if (Value !== undefined) return { values: [number(Value, `${path}.Value`)] }
  return valuesWithCounts(Values ?? [], Counts, path)
}

function valuesWithCounts(values: number[], counts: number[] | undefined, path: string) {
  mustFit(`${path}.Values`, values, valuesMax)
  mustFit(`${path}.Counts`, counts ?? [], valuesMax)
  if (counts && counts.length !== values.length) {
    throw InvalidParameterCombinationException(
      `The parameters ${path}.Values and ${path}.Counts must be of the same size.`,
    )
  }
  for (const [index, value] of values.entries()) number(value, `${path}.Values.member.${index + 1}`)
  for (const [index, count] of (counts ?? []).entries()) {
    number(count, `${path}.Counts.member.${index + 1}`)
    if (count < 0) throw invalid(`The value ${count} for parameter ${path}.Counts.member.${index + 1} is invalid.`)
  }
  return { values, ...(counts && { counts }) }
}

function statisticSet(set: NonNullable<MetricDatum['StatisticValues']>, path: string) {
  const sampleCount = number(set.SampleCount ?? Number.NaN, `${path}.SampleCount`)
  const minimum = number(set.Minimum ?? Number.NaN, `${path}.Minimum`)
  const maximum = number(set.Maximum ?? Number.NaN, `${path}.Maximum`)
  if (sampleCount < 0) throw invalid(`The value ${sampleCount} for parameter ${path}.SampleCount is invalid.`)
  if (minimum > maximum) {
    throw invalid(`The parameter ${path}.Maximum must be greater than or equal to ${path}.Minimum.`)
  }
  return { sampleCount, sum: number(set.Sum ?? Number.NaN, `${path}.Sum`), minimum, maximum }
}

/** NaN and the infinities are refused, and what is beyond 2^360. */
function number(value: number, path: string): number {
  if (Number.isFinite(value) && Math.abs(value) <= valueMax) return value
  throw invalid(`The value ${value} for parameter ${path} is invalid.`)
}

function mustFit(path: string, list: readonly unknown[], max: number): void {
  if (list.length > max) throw invalid(`The collection ${path} must not have a size greater than ${max}.`)
}

function invalid(message: string): Error {
  return InvalidParameterValueException(message)
}
