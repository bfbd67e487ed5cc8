/**
 * Which changes a bucket tells whom: EventBridge (all or nothing), and rules for functions, topics and queues by event
 * type, prefix and suffix. Two rules that could match the same change are refused, as AWS refuses them.
 */

import { parseArn } from '../../delivery/arn.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { type Bucket, buckets, mustGetBucket } from './buckets.ts'
import { senderOf, unfitDestinations } from './destinations.ts'
import { InvalidArgument, withFields } from './errors.ts'
import { testEvent } from './events.ts'

export interface NotificationRule {
  id: string
  kind: 'function' | 'topic' | 'queue'
  destinationArn: string
  events: string[]
  prefix: string
  suffix: string
}

/** `name`: the whole of it, such as `s3:ObjectCreated:Put`. */
export function ruleMatches(rule: NotificationRule, name: string, key: string): boolean {
  return key.startsWith(rule.prefix) && key.endsWith(rule.suffix) && rule.events.some((event) => covers(event, name))
}

const eventTypes = new Set(
  [
    'ObjectCreated:*|Put|Post|Copy|CompleteMultipartUpload',
    'ObjectRemoved:*|Delete|DeleteMarkerCreated',
    'ObjectRestore:*|Post|Completed|Delete',
    'Replication:*|OperationFailedReplication|OperationMissedThreshold|OperationReplicatedAfterThreshold|OperationNotTracked',
    'LifecycleExpiration:*|Delete|DeleteMarkerCreated',
    'ObjectTagging:*|Put|Delete',
  ].flatMap((family) => {
    const [name, kinds = ''] = family.split(':')
    return kinds.split('|').map((kind) => `s3:${name}:${kind}`)
  }),
)
for (const single of [
  's3:ReducedRedundancyLostObject',
  's3:LifecycleTransition',
  's3:IntelligentTiering',
  's3:ObjectAcl:Put',
]) {
  eventTypes.add(single)
}

interface RuleInput {
  Id?: string
  Events?: readonly string[]
  Filter?: { Key?: { FilterRules?: readonly { Name?: string; Value?: string }[] } }
}

export interface NotificationInput {
  LambdaFunctionConfigurations?: readonly (RuleInput & { LambdaFunctionArn?: string })[]
  TopicConfigurations?: readonly (RuleInput & { TopicArn?: string })[]
  QueueConfigurations?: readonly (RuleInput & { QueueArn?: string })[]
  EventBridgeConfiguration?: object
}

export const notificationOperations = operations('s3', {
  async PutBucketNotificationConfiguration(input, ctx) {
    const wanted = input.NotificationConfiguration as NotificationInput
    const rules = rulesFrom(wanted, () => ctx.random.uuid())
    refuseOverlaps(rules)
    const bucket = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    if (!input.SkipDestinationValidation) await checkDestinations(ctx, bucket, rules)
    await ctx.commit((tx) => {
      const current = mustGetBucket(tx, input.Bucket, input.ExpectedBucketOwner)
      const changed = { ...current, notifications: rules, eventBridge: wanted.EventBridgeConfiguration !== undefined }
      tx.in(buckets).put(changed)
      for (const rule of rules) if (isNew(rule, current)) sendTestEvent(tx, ctx, changed, rule)
    })
    return {}
  },

  async GetBucketNotificationConfiguration(input, ctx) {
    const { notifications, eventBridge } = mustGetBucket(ctx, input.Bucket, input.ExpectedBucketOwner)
    const of = (kind: NotificationRule['kind']) => notifications.filter((rule) => rule.kind === kind)
    const listed = <T>(all: T[]) => (all.length > 0 ? all : undefined)
    return {
      LambdaFunctionConfigurations: listed(
        of('function').map((rule) => ({ ...ruleOutput(rule), LambdaFunctionArn: rule.destinationArn })),
      ),
      TopicConfigurations: listed(of('topic').map((rule) => ({ ...ruleOutput(rule), TopicArn: rule.destinationArn }))),
      QueueConfigurations: listed(of('queue').map((rule) => ({ ...ruleOutput(rule), QueueArn: rule.destinationArn }))),
      EventBridgeConfiguration: eventBridge ? {} : undefined,
    }
  },
})

function ruleOutput(rule: NotificationRule) {
  const filters = [
    ...(rule.prefix ? [{ Name: 'Prefix' as const, Value: rule.prefix }] : []),
    ...(rule.suffix ? [{ Name: 'Suffix' as const, Value: rule.suffix }] : []),
  ]
  return {
    Id: rule.id,
    Events: rule.events as never,
    Filter: filters.length > 0 ? { Key: { FilterRules: filters as never } } : undefined,
  }
}

function rulesFrom(input: NotificationInput, newId: () => string): NotificationRule[] {
  const rules = [
    ...(input.LambdaFunctionConfigurations ?? []).map((rule) =>
      ruleFrom('function', rule.LambdaFunctionArn, rule, newId),
    ),
    ...(input.TopicConfigurations ?? []).map((rule) => ruleFrom('topic', rule.TopicArn, rule, newId)),
    ...(input.QueueConfigurations ?? []).map((rule) => ruleFrom('queue', rule.QueueArn, rule, newId)),
  ]
  const ids = new Set(rules.map((rule) => rule.id))
  if (ids.size < rules.length)
    throw InvalidArgument('Configuration id must be unique.', 'Id', rules.map(({ id }) => id).join(', '))
  return rules
}

const services: Record<NotificationRule['kind'], string> = { function: 'lambda', topic: 'sns', queue: 'sqs' }

function ruleFrom(kind: NotificationRule['kind'], arn = '', input: RuleInput, newId: () => string): NotificationRule {
  const parts = parseArn(arn)
  if (parts?.service !== services[kind]) throw InvalidArgument('The ARN could not be parsed', services[kind], arn)
  if (parts.resource.endsWith('.fifo')) {
    throw InvalidArgument(`FIFO ${kind === 'topic' ? 'SNS topics' : 'SQS queues'} are not supported.`, arn, arn)
  }
  const events = [...(input.Events ?? [])]
  const unknown = events.find((event) => !eventTypes.has(event))
  if (unknown !== undefined || events.length === 0) {
    throw InvalidArgument('The event is not supported for notifications', 'Event', unknown ?? '')
  }
  const id = input.Id === undefined || input.Id === '' ? newId() : input.Id
  if (id.length > 255) throw InvalidArgument('Notification id must not be longer than 255 characters', 'Id', id)
  return { id, kind, destinationArn: arn, events, ...filterFrom(input) }
}

function filterFrom({ Filter }: RuleInput): { prefix: string; suffix: string } {
  const filter = { prefix: '', suffix: '' }
  const seen = new Set<string>()
  for (const { Name = '', Value = '' } of Filter?.Key?.FilterRules ?? []) {
    const name = Name.toLowerCase()
    if (name !== 'prefix' && name !== 'suffix') {
      throw InvalidArgument('filter rule name must be either prefix or suffix', 'FilterRule.Name', Name)
    }
    if (seen.has(name)) {
      throw InvalidArgument(`Cannot specify more than one ${name} rule in a filter.`, 'FilterRule.Name', Name)
    }
    if (Buffer.byteLength(Value) > 1024) {
      throw InvalidArgument(
        'size of filter rule value cannot exceed 1024 bytes in UTF-8 representation',
        'FilterRule.Value',
        Value,
      )
    }
    seen.add(name)
    filter[name] = Value
  }
  return filter
}

/** Whether one event type includes the other: `s3:ObjectCreated:*` covers `s3:ObjectCreated:Put`. */
function covers(event: string, other: string): boolean {
  return event === other || (event.endsWith('*') && other.startsWith(event.slice(0, -1)))
}

function refuseOverlaps(rules: readonly NotificationRule[]): void {
  for (const [index, one] of rules.entries()) {
    for (const other of rules.slice(index + 1)) {
      const shared = one.events.some((a) => other.events.some((b) => covers(a, b) || covers(b, a)))
      if (!shared || !nested(one.prefix, other.prefix, 'startsWith') || !nested(one.suffix, other.suffix, 'endsWith'))
        continue
      const filtered = [one, other].some((rule) => rule.prefix !== '' || rule.suffix !== '')
      throw filtered
        ? InvalidArgument(
            'Configuration is ambiguously defined. Cannot have overlapping suffixes in two rules if the prefixes are overlapping for the same event type.',
          )
        : InvalidArgument(
            'Configurations overlap. Configurations on the same bucket cannot share a common event type.',
            'Event',
            `${one.events.join(', ')}, ${other.events.join(', ')}`,
          )
    }
  }
}

function nested(a: string, b: string, how: 'startsWith' | 'endsWith'): boolean {
  return a[how](b) || b[how](a)
}

async function checkDestinations(ctx: Context, bucket: Bucket, rules: readonly NotificationRule[]): Promise<void> {
  const unfit = await unfitDestinations(ctx, bucket, rules)
  const first = unfit[0]
  if (!first) return
  const error = InvalidArgument('Unable to validate the following destination configurations', first.arn, first.reason)
  const more = Object.fromEntries(
    unfit.flatMap(({ arn, reason }, index) => [
      [`ArgumentName${index + 1}`, arn],
      [`ArgumentValue${index + 1}`, reason],
    ]),
  )
  throw unfit.length === 1 ? error : withFields(error, more)
}

function isNew(rule: NotificationRule, before: Bucket): boolean {
  return !before.notifications.some((known) => known.destinationArn === rule.destinationArn)
}

/** Functions get none: they are asked for their permission only. */
function sendTestEvent(tx: Tx, ctx: Context, bucket: Bucket, rule: NotificationRule): void {
  if (rule.kind === 'function') return
  tx.at({ account: bucket.account, region: bucket.region }).deliver({
    arn: rule.destinationArn,
    sender: senderOf(bucket),
    payload: testEvent(tx, ctx, bucket),
    parameters: rule.kind === 'topic' ? { subject: 'Amazon S3 Notification' } : undefined,
  })
}
