/** What a mapping may be fed from: queues of SQS and streams of DynamoDB; other sources are refused by name. */
import { changeStreams } from '../../delivery/changeStreams.ts'
import type { Context } from '../../delivery/context.ts'
import { AwsError, awsErrors, NotImplemented } from '../../wire/errors.ts'
import { user } from './identifiers.ts'

const { InvalidParameterValueException } = awsErrors('lambda')

interface Source {
  EventSourceArn?: string | undefined
  SelfManagedEventSource?: unknown
}

/** The source's ARN, if it is there and goes with the function. */
export async function checkedSource(ctx: Context, input: Source, timeoutSeconds: number): Promise<string> {
  const arn = input.EventSourceArn
  if (!arn) {
    if (input.SelfManagedEventSource) throw NotImplemented('lambda: self-managed Kafka as an event source')
    throw InvalidParameterValueException('EventSourceArn cannot be empty.', user)
  }
  const service = arn.split(':')[2]
  if (service === 'sqs') checkVisibility(await queueAttributes(ctx, arn), timeoutSeconds)
  else if (service !== 'dynamodb') {
    throw NotImplemented(`lambda: ${service ?? arn} as an event source (queues of SQS and streams of DynamoDB are)`)
  } else if (!ctx.use(changeStreams).get(ctx, arn)) {
    throw InvalidParameterValueException(`Stream not found: ${arn}`, user)
  }
  return arn
}

async function queueAttributes(ctx: Context, queueArn: string): Promise<Record<string, string>> {
  try {
    const sqs = ctx.call('sqs')
    const { QueueUrl } = await sqs.GetQueueUrl({ QueueName: queueArn.split(':')[5] ?? '' })
    const { Attributes } = await sqs.GetQueueAttributes({ QueueUrl, AttributeNames: ['VisibilityTimeout'] })
    return Attributes ?? {}
  } catch (error) {
    if (!(error instanceof AwsError) || error.status === 501) throw error
    const words = `Error occurred while ReceiveMessage. SQS Error Code: AWS.SimpleQueueService.NonExistentQueue. SQS Error Message: ${error.message}`
    throw InvalidParameterValueException(words, user)
  }
}

function checkVisibility(queue: Record<string, string>, timeoutSeconds: number): void {
  const visibility = Number(queue.VisibilityTimeout ?? 30)
  if (visibility >= timeoutSeconds) return
  const words = `Queue visibility timeout: ${visibility} seconds is less than Function timeout: ${timeoutSeconds} seconds`
  throw InvalidParameterValueException(words, user)
}
