/** AWS::Logs::MetricFilter and AWS::Logs::SubscriptionFilter for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'
import { ignoreMissing } from './resources.ts'

interface Transformation {
  MetricName: string
  MetricNamespace: string
  MetricValue: string | number
  DefaultValue?: string | number
  Dimensions?: { Key: string; Value: string }[]
  Unit?: string
}

export const metricFilterResource = resource('AWS::Logs::MetricFilter', {
  replaceOn: ['FilterName', 'LogGroupName'],
  async create(properties, r) {
    const name = String(properties.FilterName ?? r.generatedName({ max: 512 }))
    await putMetricFilter(name, properties, r)
    return { id: name }
  },
  async update(id, properties, _before, r) {
    await putMetricFilter(id, properties, r)
    return { id }
  },
  async delete(id, { LogGroupName }, r) {
    await ignoreMissing(r.call('cloudwatch-logs').DeleteMetricFilter({ logGroupName: LogGroupName, filterName: id }))
  },
})

async function putMetricFilter(filterName: string, properties: Properties, { call }: ResourceContext): Promise<void> {
  const { LogGroupName, FilterPattern, MetricTransformations = [] } = properties
  await call('cloudwatch-logs').PutMetricFilter({
    logGroupName: LogGroupName,
    filterName,
    filterPattern: FilterPattern,
    metricTransformations: MetricTransformations.map(transformationOf),
    applyOnTransformedLogs: properties.ApplyOnTransformedLogs,
    fieldSelectionCriteria: properties.FieldSelectionCriteria,
    emitSystemFieldDimensions: properties.EmitSystemFieldDimensions,
  })
}

function transformationOf({ DefaultValue, Dimensions = [], ...given }: Transformation) {
  return {
    metricName: given.MetricName,
    metricNamespace: given.MetricNamespace,
    metricValue: String(given.MetricValue),
    unit: given.Unit as never,
    ...(DefaultValue !== undefined && { defaultValue: Number(DefaultValue) }),
    ...(Dimensions.length > 0 && {
      dimensions: Object.fromEntries(Dimensions.map(({ Key, Value }) => [Key, Value])),
    }),
  }
}

export const subscriptionFilterResource = resource('AWS::Logs::SubscriptionFilter', {
  replaceOn: ['FilterName', 'LogGroupName'],
  async create(properties, r) {
    const name = String(properties.FilterName ?? r.generatedName({ max: 512 }))
    await putSubscriptionFilter(name, properties, r)
    return { id: name }
  },
  async update(id, properties, _before, r) {
    await putSubscriptionFilter(id, properties, r)
    return { id }
  },
  async delete(id, { LogGroupName }, r) {
    const wanted = { logGroupName: LogGroupName, filterName: id }
    await ignoreMissing(r.call('cloudwatch-logs').DeleteSubscriptionFilter(wanted))
  },
})

async function putSubscriptionFilter(filterName: string, properties: Properties, r: ResourceContext): Promise<void> {
  await r.call('cloudwatch-logs').PutSubscriptionFilter({
    logGroupName: properties.LogGroupName,
    filterName,
    filterPattern: properties.FilterPattern,
    destinationArn: properties.DestinationArn,
    roleArn: properties.RoleArn,
    distribution: properties.Distribution,
    applyOnTransformedLogs: properties.ApplyOnTransformedLogs,
    fieldSelectionCriteria: properties.FieldSelectionCriteria,
    emitSystemFields: properties.EmitSystemFields,
  })
}
