/** AWS::SNS::* for CloudFormation. */
import { type Properties, type ResourceContext, resource } from '../resource.ts'

const topicAttributes = [
  'DisplayName',
  'KmsMasterKeyId',
  'ContentBasedDeduplication',
  'SignatureVersion',
  'TracingConfig',
  'ArchivePolicy',
  'FifoThroughputScope',
]

export const topicResource = resource('AWS::SNS::Topic', {
  replaceOn: ['TopicName', 'FifoTopic'],
  async create(properties, r) {
    const suffix = isTrue(properties.FifoTopic) ? '.fifo' : ''
    const name = properties.TopicName ?? r.generatedName({ max: 256 - suffix.length }) + suffix
    const Attributes = { ...attributesFrom(properties), ...(suffix && { FifoTopic: 'true' }) }
    const DataProtectionPolicy = protectionFrom(properties)
    const Tags = tagsFrom(properties, r)
    const { TopicArn = '' } = await r.call('sns').CreateTopic({
      Name: name,
      Attributes,
      Tags,
      ...(DataProtectionPolicy && { DataProtectionPolicy }),
    })
    for (const { Protocol, Endpoint } of inlineSubscriptions(properties)) {
      await r.call('sns').Subscribe({ TopicArn, Protocol, Endpoint })
    }
    return described(TopicArn)
  },
  async update(id, properties, before, r) {
    const sns = r.call('sns')
    const [old, now] = [attributesFrom(before), attributesFrom(properties)]
    for (const AttributeName of new Set([...Object.keys(old), ...Object.keys(now)])) {
      if (old[AttributeName] === now[AttributeName]) continue
      const AttributeValue = now[AttributeName] ?? fallbacks[AttributeName] ?? ''
      await sns.SetTopicAttributes({ TopicArn: id, AttributeName, AttributeValue })
    }
    const DataProtectionPolicy = protectionFrom(properties)
    if (DataProtectionPolicy !== protectionFrom(before)) {
      await sns.PutDataProtectionPolicy({ ResourceArn: id, DataProtectionPolicy })
    }
    const kept = new Set(tagsFrom(properties, r).map(({ Key }) => Key))
    const gone = (before.Tags ?? []).map(({ Key }: { Key: string }) => Key).filter((key: string) => !kept.has(key))
    if (gone.length > 0) await sns.UntagResource({ ResourceArn: id, TagKeys: gone })
    await sns.TagResource({ ResourceArn: id, Tags: tagsFrom(properties, r) })
    await changeInlineSubscriptions(id, properties, before, r)
    return described(id)
  },
  async delete(id, properties, r) {
    const sns = r.call('sns')
    // A topic that archives cannot be deleted.
    if (properties.ArchivePolicy) {
      await sns.SetTopicAttributes({ TopicArn: id, AttributeName: 'ArchivePolicy', AttributeValue: '{}' })
    }
    await sns.DeleteTopic({ TopicArn: id })
  },
})

export const subscriptionResource = resource('AWS::SNS::Subscription', {
  replaceOn: ['TopicArn', 'Protocol', 'Endpoint', 'Region'],
  async create(properties, r) {
    const { SubscriptionArn = '' } = await r.call('sns').Subscribe({
      TopicArn: properties.TopicArn,
      Protocol: properties.Protocol,
      Endpoint: properties.Endpoint,
      Attributes: subscriptionAttributes(properties),
      ReturnSubscriptionArn: true,
    })
    return { id: SubscriptionArn, attributes: { Arn: SubscriptionArn } }
  },
  async update(id, properties, before, r) {
    const [old, now] = [subscriptionAttributes(before), subscriptionAttributes(properties)]
    for (const AttributeName of inSafeOrder([...Object.keys(old), ...Object.keys(now)], now)) {
      if (old[AttributeName] === now[AttributeName]) continue
      const AttributeValue = now[AttributeName] ?? subscriptionFallbacks[AttributeName] ?? ''
      await r.call('sns').SetSubscriptionAttributes({ SubscriptionArn: id, AttributeName, AttributeValue })
    }
    return { id, attributes: { Arn: id } }
  },
  async delete(id, _properties, r) {
    await r.call('sns').Unsubscribe({ SubscriptionArn: id })
  },
})

export const topicPolicyResource = resource('AWS::SNS::TopicPolicy', {
  async create(properties, r) {
    await setPolicy(properties.Topics, JSON.stringify(properties.PolicyDocument), r)
    const id = r.generatedName()
    return { id, attributes: { Id: id } }
  },
  async update(id, properties, before, r) {
    const dropped = (before.Topics as string[]).filter((arn) => !(properties.Topics as string[]).includes(arn))
    await setPolicy(dropped, '', r)
    await setPolicy(properties.Topics, JSON.stringify(properties.PolicyDocument), r)
    return { id, attributes: { Id: id } }
  },
  async delete(_id, properties, r) {
    await setPolicy(properties.Topics, '', r)
  },
})

/** What an attribute goes back to when a template no longer has it. */
const fallbacks: Record<string, string> = {
  ContentBasedDeduplication: 'false',
  SignatureVersion: '1',
  TracingConfig: 'PassThrough',
  FifoThroughputScope: 'Topic',
}

const subscriptionFallbacks: Record<string, string> = {
  RawMessageDelivery: 'false',
  FilterPolicyScope: 'MessageAttributes',
}

/** A policy for bodies is refused where attributes are filtered, so the wider scope comes first and the narrower last. */
function inSafeOrder(names: string[], { FilterPolicyScope }: Record<string, string>): string[] {
  const rest = new Set(names.filter((name) => name !== 'FilterPolicyScope'))
  return FilterPolicyScope === 'MessageBody' ? ['FilterPolicyScope', ...rest] : [...rest, 'FilterPolicyScope']
}

function attributesFrom(properties: Properties): Record<string, string> {
  const given = topicAttributes.filter((name) => properties[name] !== undefined)
  return { ...Object.fromEntries(given.map((name) => [name, textOf(properties[name])])), ...statusLogging(properties) }
}

/** Empty where there is none, as the operation that takes it away wants it. */
function protectionFrom({ DataProtectionPolicy }: Properties): string {
  return DataProtectionPolicy === undefined ? '' : textOf(DataProtectionPolicy)
}

const feedbackNames: Record<string, string> = {
  'http/s': 'HTTP',
  sqs: 'SQS',
  lambda: 'Lambda',
  firehose: 'Firehose',
  application: 'Application',
}

function statusLogging({ DeliveryStatusLogging = [] }: Properties): Record<string, string> {
  const entries = (DeliveryStatusLogging as Record<string, unknown>[]).flatMap(({ Protocol, ...rest }) => {
    const prefix = feedbackNames[String(Protocol)] ?? String(Protocol)
    return Object.entries(rest).map(([name, value]) => [prefix + name, textOf(value)] as const)
  })
  return Object.fromEntries(entries)
}

function subscriptionAttributes(properties: Properties): Record<string, string> {
  const names = ['RawMessageDelivery', 'FilterPolicy', 'FilterPolicyScope', 'RedrivePolicy', 'DeliveryPolicy']
  const given = [...names, 'SubscriptionRoleArn'].filter((name) => properties[name] !== undefined)
  return Object.fromEntries(given.map((name) => [name, textOf(properties[name])]))
}

function textOf(value: unknown): string {
  return typeof value === 'object' ? JSON.stringify(value) : String(value)
}

interface Inline {
  Protocol: string
  Endpoint: string
}

function inlineSubscriptions(properties: Properties): Inline[] {
  return (properties.Subscription ?? []) as Inline[]
}

async function changeInlineSubscriptions(
  TopicArn: string,
  properties: Properties,
  before: Properties,
  r: ResourceContext,
): Promise<void> {
  const sns = r.call('sns')
  const keyOf = ({ Protocol, Endpoint }: { Protocol?: string | undefined; Endpoint?: string | undefined }) =>
    `${Protocol} ${Endpoint}`
  const wanted = new Set(inlineSubscriptions(properties).map(keyOf))
  const dropped = new Set(
    inlineSubscriptions(before)
      .map(keyOf)
      .filter((key) => !wanted.has(key)),
  )
  const { Subscriptions = [] } = await sns.ListSubscriptionsByTopic({ TopicArn })
  for (const one of Subscriptions) {
    const isArn = one.SubscriptionArn?.startsWith('arn:')
    if (dropped.has(keyOf(one)) && isArn) await sns.Unsubscribe({ SubscriptionArn: one.SubscriptionArn })
  }
  for (const { Protocol, Endpoint } of inlineSubscriptions(properties)) {
    await sns.Subscribe({ TopicArn, Protocol, Endpoint })
  }
}

function tagsFrom({ Tags = [] }: Properties, r: ResourceContext): { Key: string; Value: string }[] {
  return [
    ...Object.entries(r.tags).map(([Key, Value]) => ({ Key, Value })),
    ...(Tags as { Key: string; Value: string }[]),
  ]
}

function described(arn: string) {
  return { id: arn, attributes: { TopicArn: arn, TopicName: arn.split(':').at(-1) ?? '' } }
}

function isTrue(value: unknown): boolean {
  return value === true || value === 'true'
}

async function setPolicy(topics: string[], AttributeValue: string, r: ResourceContext): Promise<void> {
  for (const TopicArn of topics) {
    try {
      await r.call('sns').SetTopicAttributes({ TopicArn, AttributeName: 'Policy', AttributeValue })
    } catch (error) {
      // A policy that goes away may find its topic gone before it.
      if (AttributeValue !== '' || (error as { code?: string }).code !== 'NotFoundException') throw error
    }
  }
}
