/** Whether the functions, topics and queues that a configuration names are there. */
import { parseArn } from '../../delivery/arn.ts'
import type { Context } from '../../delivery/context.ts'
import { isAwsError } from '../../delivery/platform.ts'
import type { Bucket } from './buckets.ts'
import type { NotificationRule } from './notifications.ts'

export interface MissingDestination {
  arn: string
  reason: string
}

const missingReason = {
  function: 'The destination Lambda function does not exist',
  topic: 'The destination topic does not exist',
  queue: 'The destination queue does not exist',
}

export async function missingDestinations(
  ctx: Context,
  bucket: Bucket,
  rules: readonly NotificationRule[],
): Promise<MissingDestination[]> {
  const missing: MissingDestination[] = []
  for (const { kind, destinationArn: arn } of rules) {
    if (missing.some((known) => known.arn === arn)) continue
    if (parseArn(arn)?.region !== bucket.region) {
      missing.push({
        arn,
        reason: 'The notification destination service region is not valid for the bucket location constraint',
      })
    } else if (!(await isThere(ctx, kind, arn))) {
      missing.push({ arn, reason: missingReason[kind] })
    }
  }
  return missing
}

async function isThere(ctx: Context, kind: NotificationRule['kind'], arn: string): Promise<boolean> {
  const { account = ctx.account, region = ctx.region, resource = '' } = parseArn(arn) ?? {}
  const place = ctx.at({ account, region })
  try {
    if (kind === 'queue') await place.call('sqs').GetQueueUrl({ QueueName: resource })
    else if (kind === 'topic') await place.call('sns').GetTopicAttributes({ TopicArn: arn })
    else await place.call('lambda').GetFunctionConfiguration({ FunctionName: arn })
    return true
  } catch (error) {
    // A service that this server does not have cannot be asked; its own refusal names it.
    if (isAwsError(error) && error.code !== 'NotImplemented') return false
    throw error
  }
}
