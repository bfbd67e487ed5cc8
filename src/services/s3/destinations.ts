/** Whether the functions, topics and queues that a configuration names are there, and let this bucket in. */
import { parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import type { Sender } from '../../delivery/delivery.ts'
import { isAwsError } from '../../delivery/platform.ts'
import { mayDeliver } from '../../delivery/resourcePolicy.ts'
import type { Bucket } from './buckets.ts'
import { bucketArn } from './names.ts'
import type { NotificationRule } from './notifications.ts'

export interface UnfitDestination {
  arn: string
  reason: string
}

/** S3, speaking for a bucket: what resource policies ask about. */
export function senderOf(bucket: Bucket): Sender {
  return { principal: 's3.amazonaws.com', sourceArn: bucketArn(bucket.name), sourceAccount: bucket.account }
}

const words = {
  function: {
    action: 'lambda:InvokeFunction',
    missing: 'The destination Lambda function does not exist',
    refused: 'Not authorized to invoke function',
  },
  topic: {
    action: 'sns:Publish',
    missing: 'The destination topic does not exist',
    refused: 'Permissions on the destination topic do not allow S3 to publish notifications from this bucket',
  },
  queue: {
    action: 'sqs:SendMessage',
    missing: 'The destination queue does not exist',
    refused: 'Permissions on the destination queue do not allow S3 to publish notifications from this bucket',
  },
}

const wrongRegion = 'The notification destination service region is not valid for the bucket location constraint'

export async function unfitDestinations(
  ctx: Context,
  bucket: Bucket,
  rules: readonly NotificationRule[],
): Promise<UnfitDestination[]> {
  const unfit: UnfitDestination[] = []
  for (const { kind, destinationArn: arn } of rules) {
    if (unfit.some((known) => known.arn === arn)) continue
    const reason = parseArn(arn)?.region === bucket.region ? await objection(ctx, bucket, { kind, arn }) : wrongRegion
    if (reason) unfit.push({ arn, reason })
  }
  return unfit
}

async function objection(
  ctx: Context,
  bucket: Bucket,
  { kind, arn }: { kind: NotificationRule['kind']; arn: string },
): Promise<string | undefined> {
  const { account = ctx.account, region = ctx.region } = parseArn(arn) ?? {}
  const { action, missing, refused } = words[kind]
  try {
    const policy = await policyOf(ctx.at({ account, region }), kind, arn)
    const allowed = mayDeliver(ctx, policy, { sender: senderOf(bucket), action, resource: arn, account })
    return allowed ? undefined : refused
  } catch (error) {
    // A service that this server does not have cannot be asked; its own refusal names it.
    if (isAwsError(error) && error.code !== 'NotImplemented') return missing
    throw error
  }
}

/** The resource's policy, or nothing where it has none. Errors: the resource is not there. */
async function policyOf(ctx: Context, kind: NotificationRule['kind'], arn: string): Promise<string | undefined> {
  if (kind === 'queue') {
    const { QueueUrl } = await ctx.call('sqs').GetQueueUrl({ QueueName: parseArn(arn)?.resource })
    const { Attributes } = await ctx.call('sqs').GetQueueAttributes({ QueueUrl, AttributeNames: ['Policy'] })
    return Attributes?.Policy
  }
  if (kind === 'topic') {
    const { Attributes } = await ctx.call('sns').GetTopicAttributes({ TopicArn: arn })
    return Attributes?.Policy
  }
  await ctx.call('lambda').GetFunctionConfiguration({ FunctionName: arn })
  try {
    return (await ctx.call('lambda').GetPolicy({ FunctionName: arn })).Policy
  } catch (error) {
    if (isAwsError(error) && error.code === 'ResourceNotFoundException') return undefined
    throw error
  }
}
