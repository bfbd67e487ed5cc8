/** AWS::CloudWatch::* for CloudFormation. */
import type { MetricDataQuery, PutCompositeAlarmInput, PutMetricAlarmInput } from '@aws-sdk/client-cloudwatch'
import { type Properties, type ResourceContext, type ResourceType, resource } from '../resource.ts'
import { alarmArn } from './alarms.ts'

type Tags = { Key: string; Value: string }[]

const nameOf = (properties: Properties, r: ResourceContext) =>
  String(properties.AlarmName ?? r.generatedName({ max: 255 }))
const listOf = (value: unknown): Tags => (Array.isArray(value) ? value : [])

function tagsOf(properties: Properties, { tags }: ResourceContext): Tags {
  const own = Object.fromEntries(listOf(properties.Tags).map(({ Key, Value }) => [Key, String(Value)]))
  return Object.entries({ ...tags, ...own }).map(([Key, Value]) => ({ Key, Value }))
}

/** Numbers and truths come as text where a template says so. */
function typed(properties: Properties, numbers: readonly string[]): Properties {
  return Object.fromEntries(
    Object.entries(properties).map(([name, value]) => {
      if (value === 'true' || value === 'false') return [name, value === 'true']
      return [name, numbers.includes(name) && value !== undefined ? Number(value) : value]
    }),
  )
}

const alarmNumbers = ['Period', 'EvaluationPeriods', 'DatapointsToAlarm', 'Threshold']

function metricAlarmOf({ Tags: _, Metrics, ...rest }: Properties): Omit<PutMetricAlarmInput, 'AlarmName'> {
  const queries = (Metrics as Properties[] | undefined)?.map(({ MetricStat, ...query }) => ({
    ...typed(query, ['Period']),
    ...(MetricStat && { MetricStat: typed(MetricStat, ['Period']) }),
  })) as MetricDataQuery[] | undefined
  return { ...typed(rest, alarmNumbers), ...(queries && { Metrics: queries }) }
}

const compositeNumbers = ['ActionsSuppressorWaitPeriod', 'ActionsSuppressorExtensionPeriod']

function compositeOf({ Tags: _, ...rest }: Properties): Omit<PutCompositeAlarmInput, 'AlarmName'> {
  return typed(rest, compositeNumbers) as Omit<PutCompositeAlarmInput, 'AlarmName'>
}

type Put = (AlarmName: string, properties: Properties, r: ResourceContext, tags: { Tags?: Tags }) => Promise<unknown>

/** Both kinds of alarm live alike: a put makes or changes one, and tags are changed apart. */
function alarmResource(type: string, put: Put): ResourceType {
  return resource(type, {
    replaceOn: ['AlarmName'],
    async create(properties, r) {
      const name = nameOf(properties, r)
      await put(name, properties, r, { Tags: tagsOf(properties, r) })
      return { id: name, attributes: { Arn: alarmArn(r, name) } }
    },
    async update(id, properties, before, r) {
      await put(id, properties, r, {})
      const ResourceARN = alarmArn(r, id)
      const Tags = tagsOf(properties, r)
      const kept = new Set(Tags.map(({ Key }) => Key))
      const TagKeys = tagsOf(before, r).flatMap(({ Key }) => (kept.has(Key) ? [] : [Key]))
      await r.call('cloudwatch').TagResource({ ResourceARN, Tags })
      await r.call('cloudwatch').UntagResource({ ResourceARN, TagKeys })
      return { id, attributes: { Arn: ResourceARN } }
    },
    async delete(id, _properties, r) {
      await r.call('cloudwatch').DeleteAlarms({ AlarmNames: [id] })
    },
  })
}

export const metricAlarmResource = alarmResource('AWS::CloudWatch::Alarm', (AlarmName, properties, r, tags) =>
  r.call('cloudwatch').PutMetricAlarm({ ...metricAlarmOf(properties), AlarmName, ...tags }),
)

export const compositeAlarmResource = alarmResource(
  'AWS::CloudWatch::CompositeAlarm',
  (AlarmName, properties, r, tags) =>
    r.call('cloudwatch').PutCompositeAlarm({ ...compositeOf(properties), AlarmName, ...tags }),
)

export const dashboardResource = resource('AWS::CloudWatch::Dashboard', {
  replaceOn: ['DashboardName'],
  async create(properties, r) {
    const DashboardName = String(properties.DashboardName ?? r.generatedName({ max: 255 }))
    await r
      .call('cloudwatch')
      .PutDashboard({ DashboardName, DashboardBody: bodyOf(properties), Tags: tagsOf(properties, r) })
    return { id: DashboardName }
  },
  async update(id, properties, _before, r) {
    await r.call('cloudwatch').PutDashboard({ DashboardName: id, DashboardBody: bodyOf(properties) })
    return { id }
  },
  async delete(id, _properties, r) {
    await ignoreMissing(r.call('cloudwatch').DeleteDashboards({ DashboardNames: [id] }))
  },
})

function bodyOf({ DashboardBody }: Properties): string {
  return typeof DashboardBody === 'string' ? DashboardBody : JSON.stringify(DashboardBody)
}

const detectorProperties = [
  'Namespace',
  'MetricName',
  'Stat',
  'Dimensions',
  'SingleMetricAnomalyDetector',
  'MetricMathAnomalyDetector',
]

export const anomalyDetectorResource = resource('AWS::CloudWatch::AnomalyDetector', {
  replaceOn: detectorProperties,
  async create(properties, r) {
    await r.call('cloudwatch').PutAnomalyDetector(detectorOf(properties))
    return { id: r.generatedName() }
  },
  async update(id, properties, _before, r) {
    await r.call('cloudwatch').PutAnomalyDetector(detectorOf(properties))
    return { id }
  },
  async delete(_id, properties, r) {
    const { Configuration: _, ...named } = detectorOf(properties)
    await ignoreMissing(r.call('cloudwatch').DeleteAnomalyDetector(named))
  },
})

function detectorOf({ Configuration, ...properties }: Properties): Properties {
  const ranges = Configuration?.ExcludedTimeRanges as { StartTime: string; EndTime: string }[] | undefined
  const ExcludedTimeRanges = ranges?.map(({ StartTime, EndTime }) => ({
    StartTime: new Date(StartTime),
    EndTime: new Date(EndTime),
  }))
  // CloudFormation spells it MetricTimeZone.
  const zone = Configuration?.MetricTimeZone && { MetricTimezone: Configuration.MetricTimeZone }
  return { ...properties, ...(Configuration && { Configuration: { ...(ranges && { ExcludedTimeRanges }), ...zone } }) }
}

async function ignoreMissing(deletion: Promise<unknown>): Promise<void> {
  try {
    await deletion
  } catch (error) {
    const { code } = error as { code?: unknown }
    if (code !== 'DashboardNotFoundError' && code !== 'ResourceNotFoundException') throw error
  }
}
