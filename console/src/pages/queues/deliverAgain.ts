/** An event that a rule could not deliver, handed to its target once more, as the dead letter's own attributes name it. */
import { t } from '../../language/text.ts'
import { act } from '../../parts/toasts.tsx'
import { aws } from '../../server/aws.ts'

/** Undefined where the target is none that takes a message from here. */
export function delivererOf(targetArn: string | undefined, body: string): (() => Promise<unknown>) | undefined {
  const [, , service, , account, name = ''] = (targetArn ?? '').split(':')
  if (service === 'lambda') {
    const payload = btoa(String.fromCharCode(...new TextEncoder().encode(body)))
    return () => aws('lambda', 'Invoke', { FunctionName: targetArn, InvocationType: 'Event', Payload: payload })
  }
  if (service === 'sqs') {
    return async () => {
      const { QueueUrl } = await aws('sqs', 'GetQueueUrl', { QueueName: name, QueueOwnerAWSAccountId: account })
      await aws('sqs', 'SendMessage', { QueueUrl, MessageBody: body })
    }
  }
  return service === 'sns' ? () => aws('sns', 'Publish', { TopicArn: targetArn, Message: body }) : undefined
}

export function deliverAgain(deliver: () => Promise<unknown>): void {
  void act(deliver, t('It was delivered. The dead letter stays until it is taken or purged.'))
}
