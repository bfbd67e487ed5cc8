/** How many messages wait in each queue, by the id of its place in the flow. */
import { awsIfThere } from '../../server/aws.ts'
import { idOf } from './things.ts'

export async function queueDepths(): Promise<Record<string, number>> {
  const list = await awsIfThere('sqs', 'ListQueues')
  const found = await Promise.all(
    (list?.QueueUrls ?? []).map(async (url: string) => {
      const answer = await awsIfThere('sqs', 'GetQueueAttributes', {
        QueueUrl: url,
        AttributeNames: ['ApproximateNumberOfMessages'],
      })
      const name = url.split('/').pop() ?? url
      return [idOf('queue', name), Number(answer?.Attributes?.ApproximateNumberOfMessages ?? 0)] as const
    }),
  )
  return Object.fromEntries(found)
}
