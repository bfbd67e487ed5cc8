/** Queues and their policies as CloudFormation makes them. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'

const attributeNames = [
  'VisibilityTimeout',
  'DelaySeconds',
  'MessageRetentionPeriod',
  'MaximumMessageSize',
  'ReceiveMessageWaitTimeSeconds',
  'RedrivePolicy',
  'RedriveAllowPolicy',
  'FifoQueue',
  'ContentBasedDeduplication',
  'DeduplicationScope',
  'FifoThroughputLimit',
  'KmsMasterKeyId',
  'KmsDataKeyReusePeriodSeconds',
  'SqsManagedSseEnabled',
]

export const queueResource = resource('AWS::SQS::Queue', {
  replaceOn: ['QueueName', 'FifoQueue'],
  async create(properties, context) {
    const suffix = properties.FifoQueue === true || properties.FifoQueue === 'true' ? '.fifo' : ''
    const name = properties.QueueName ?? context.generatedName({ max: 80 - suffix.length }) + suffix
    const { QueueUrl = '' } = await context.call('sqs').CreateQueue({
      QueueName: name,
      Attributes: attributesFrom(properties),
      tags: { ...context.tags, ...tagsFrom(properties) },
    })
    return described(QueueUrl, name, context)
  },
  async update(id, properties, before, context) {
    const reset = Object.keys(attributesFrom(before)).filter((name) => !(name in attributesFrom(properties)))
    const Attributes = {
      ...Object.fromEntries(reset.map((name) => [name, defaults[name] ?? ''])),
      ...attributesFrom(properties),
    }
    const { FifoQueue: _, ...changeable } = Attributes
    if (Object.keys(changeable).length > 0)
      await context.call('sqs').SetQueueAttributes({ QueueUrl: id, Attributes: changeable })
    await context.call('sqs').TagQueue({ QueueUrl: id, Tags: { ...context.tags, ...tagsFrom(properties) } })
    return described(id, id.split('/').at(-1) ?? '', context)
  },
  async delete(id, _, context) {
    await ifThere(() => context.call('sqs').DeleteQueue({ QueueUrl: id }))
  },
})

export const queuePolicyResource = resource('AWS::SQS::QueuePolicy', {
  async create(properties, context) {
    await setPolicy(properties, JSON.stringify(properties.PolicyDocument), context)
    return { id: context.generatedName(), attributes: { Id: context.logicalId } }
  },
  async update(id, properties, before, context) {
    const dropped = (before.Queues as string[]).filter((url) => !(properties.Queues as string[]).includes(url))
    await setPolicy({ Queues: dropped }, '', context)
    await setPolicy(properties, JSON.stringify(properties.PolicyDocument), context)
    return { id, attributes: { Id: context.logicalId } }
  },
  async delete(_, properties, context) {
    await setPolicy(properties, '', context)
  },
})

/** What an attribute goes back to when a template no longer has it. */
const defaults: Record<string, string> = {
  VisibilityTimeout: '30',
  DelaySeconds: '0',
  MessageRetentionPeriod: '345600',
  MaximumMessageSize: '1048576',
  ReceiveMessageWaitTimeSeconds: '0',
}

function attributesFrom(properties: Properties): Record<string, string> {
  const given = attributeNames.filter((name) => properties[name] !== undefined)
  const textOf = (value: unknown) => (typeof value === 'object' ? JSON.stringify(value) : String(value))
  return Object.fromEntries(given.map((name) => [name, textOf(properties[name])]))
}

function tagsFrom({ Tags = [] }: Properties): Record<string, string> {
  return Object.fromEntries((Tags as { Key: string; Value: string }[]).map(({ Key, Value }) => [Key, Value]))
}

function described(url: string, name: string, { region, account }: ResourceContext) {
  return { id: url, attributes: { Arn: `arn:aws:sqs:${region}:${account}:${name}`, QueueName: name, QueueUrl: url } }
}

async function setPolicy(properties: Properties, Policy: string, context: ResourceContext): Promise<void> {
  for (const QueueUrl of properties.Queues as string[]) {
    const change = () => context.call('sqs').SetQueueAttributes({ QueueUrl, Attributes: { Policy } })
    // A policy that goes away may find its queue gone before it.
    await (Policy === '' ? ifThere(change) : change())
  }
}

async function ifThere(act: () => Promise<unknown>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if ((error as { code?: string }).code !== 'QueueDoesNotExist') throw error
  }
}
