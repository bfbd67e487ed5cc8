/** What the tests of schedules share: a queue to look into, and a schedule with little said. */
import { CreateScheduleCommand, type CreateScheduleInput, SchedulerClient } from '@aws-sdk/client-scheduler'
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  type Message,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import type { Igarape } from '../../src/testkit/server.ts'

export const account = '000000000000'
export const role = `arn:aws:iam::${account}:role/scheduler`
export const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`
export const scheduleArn = (name: string, group = 'default') =>
  `arn:aws:scheduler:us-east-1:${account}:schedule/${group}/${name}`

export async function queue(igarape: Igarape, QueueName: string, Attributes: Record<string, string> = {}) {
  await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName, Attributes }))
  return queueArn(QueueName)
}

type Wanted = Partial<Omit<CreateScheduleInput, 'Target'>> & { Target?: Partial<CreateScheduleInput['Target']> }

/** To the queue `fila`, every minute, unless said otherwise. */
export function scheduled({ Target, ...given }: Wanted = {}): CreateScheduleInput {
  return {
    Name: 'agenda',
    ScheduleExpression: 'rate(1 minute)',
    FlexibleTimeWindow: { Mode: 'OFF' },
    ...given,
    Target: { Arn: queueArn('fila'), RoleArn: role, Input: '<aws.scheduler.scheduled-time>', ...Target },
  }
}

export async function schedule(igarape: Igarape, given: Wanted = {}): Promise<void> {
  await igarape.client(SchedulerClient).send(new CreateScheduleCommand(scheduled(given)))
}

/** All messages of a queue, which is empty afterwards, in the order of their bodies. */
export async function messages(igarape: Igarape, name: string): Promise<Message[]> {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = `${igarape.endpoint}/${account}/${name}`
  const found: Message[] = []
  for (;;) {
    const wanted = {
      QueueUrl,
      MaxNumberOfMessages: 10,
      MessageAttributeNames: ['All'],
      MessageSystemAttributeNames: ['All' as const],
    }
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand(wanted))
    if (Messages.length === 0) return found.sort((a, b) => ((a.Body ?? '') < (b.Body ?? '') ? -1 : 1))
    for (const { ReceiptHandle } of Messages) await sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle }))
    found.push(...Messages)
  }
}

export async function bodies(igarape: Igarape, name: string): Promise<string[]> {
  return (await messages(igarape, name)).map(({ Body = '' }) => Body)
}

/** `2025-10-20T08:00:00Z`, that many minutes after a time. */
export function timeText(from: Date, minutes = 0): string {
  return `${new Date(from.getTime() + minutes * 60_000).toISOString().slice(0, 19)}Z`
}
