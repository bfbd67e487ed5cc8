import {
  CancelMessageMoveTaskCommand,
  DeleteQueueCommand,
  ListMessageMoveTasksCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { attributesOf, bodies, makeQueue, queueWithDeadLetters, receive, sendAll } from './queues.ts'

/** Sends messages and receives them until they are given up. */
async function giveUp(igarape: Igarape, QueueUrl: string, texts: string[]): Promise<void> {
  const sqs = igarape.client(SQSClient)
  await sendAll(sqs, QueueUrl, texts)
  for (let round = 0; round < 2 * Math.ceil(texts.length / 10); round++) await receive(sqs, QueueUrl)
  await igarape.clock.advance({ seconds: 31 })
  for (let round = 0; round < Math.ceil(texts.length / 10); round++) await receive(sqs, QueueUrl)
}

async function tasks(sqs: SQSClient, SourceArn: string) {
  const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }))
  return Results
}

test('dead letters go back to the queue they came from, as new messages', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { queue, deadLetters } = await queueWithDeadLetters(sqs)
  await giveUp(igarape, queue.url, ['a', 'b'])

  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn }))
  await igarape.settled()

  const back = await receive(sqs, queue.url)
  expect(back.map(({ Body }) => Body).sort()).toEqual(['a', 'b'])
  expect(back[0]?.Attributes).toMatchObject({ ApproximateReceiveCount: '1' })
  expect(back[0]?.Attributes?.DeadLetterQueueSourceArn).toBeUndefined()
  expect(await tasks(sqs, deadLetters.arn)).toMatchObject([
    { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 2, ApproximateNumberOfMessagesToMove: 2 },
  ])
})

test('a task moves as many a second as it was asked to, and can be cancelled', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { deadLetters } = await queueWithDeadLetters(sqs)
  const other = await makeQueue(sqs, 'outra')
  await sendAll(sqs, deadLetters.url, ['1', '2', '3', '4', '5', '6', '7'])

  const { TaskHandle } = await sqs.send(
    new StartMessageMoveTaskCommand({
      SourceArn: deadLetters.arn,
      DestinationArn: other.arn,
      MaxNumberOfMessagesPerSecond: 2,
    }),
  )
  await igarape.clock.advance({ seconds: 2 })

  expect((await attributesOf(sqs, other.url)).ApproximateNumberOfMessages).toBe('6')
  await expect(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn }))).rejects.toThrow(
    'There is already a task running. Only one active task is allowed for a source queue arn at a given time.',
  )
  const cancelled = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }))
  await igarape.clock.advance({ seconds: 60 })
  expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(6)
  expect(await bodies(sqs, deadLetters.url)).toEqual(['7'])
  expect(await tasks(sqs, deadLetters.arn)).toMatchObject([{ Status: 'CANCELLED', DestinationArn: other.arn }])
  await expect(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }))).rejects.toMatchObject({
    name: 'UnsupportedOperation',
  })
})

test('a task fails where it cannot know where a message came from, or where that queue is gone', async ({
  igarape,
}) => {
  const sqs = igarape.client(SQSClient)
  const { queue, deadLetters } = await queueWithDeadLetters(sqs)
  await sqs.send(new SendMessageCommand({ QueueUrl: deadLetters.url, MessageBody: 'de fora' }))
  await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn }))
  await igarape.settled()
  expect(await tasks(sqs, deadLetters.arn)).toMatchObject([
    { Status: 'FAILED', FailureReason: 'CouldNotDetermineMessageSource' },
  ])
  expect(await bodies(sqs, deadLetters.url)).toEqual(['de fora'])

  await giveUp(igarape, queue.url, ['x'])
  const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: deadLetters.arn, maxReceiveCount: 1 })
  await makeQueue(sqs, 'terceira', { RedrivePolicy })
  await sqs.send(new DeleteQueueCommand({ QueueUrl: queue.url }))
  const { TaskHandle } = await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: deadLetters.arn }))
  await igarape.settled()
  expect(TaskHandle).toBeDefined()
  expect((await tasks(sqs, deadLetters.arn))[0]).toMatchObject({ Status: 'FAILED' })
})

test('only a dead-letter queue can be emptied so, and only to a queue that is there', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { queue, deadLetters } = await queueWithDeadLetters(sqs)

  await expect(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: queue.arn }))).rejects.toThrow(
    'Source queue must be configured as a Dead Letter Queue.',
  )
  await expect(
    sqs.send(
      new StartMessageMoveTaskCommand({
        SourceArn: deadLetters.arn,
        DestinationArn: `${deadLetters.arn}-nenhuma`,
      }),
    ),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
  await expect(sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle: 'nada' }))).rejects.toThrow('TaskHandle')
  await expect(
    sqs.send(new ListMessageMoveTasksCommand({ SourceArn: `${deadLetters.arn}-nenhuma` })),
  ).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('a dead-letter queue says who may use it, and has to be there', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const closed = await makeQueue(sqs, 'fechada', { RedriveAllowPolicy: '{"redrivePermission":"denyAll"}' })
  const redriveTo = (arn: string) => ({
    RedrivePolicy: JSON.stringify({ deadLetterTargetArn: arn, maxReceiveCount: 3 }),
  })

  await expect(makeQueue(sqs, 'a', redriveTo(closed.arn))).rejects.toThrow('RedriveAllowPolicy')
  await expect(makeQueue(sqs, 'a', redriveTo(`${closed.arn}-nenhuma`))).rejects.toThrow(
    'Reason: Dead letter target does not exist.',
  )
  const named = { redrivePermission: 'byQueue', sourceQueueArns: [closed.arn.replace('fechada', 'a')] }
  await sqs.send(
    new SetQueueAttributesCommand({ QueueUrl: closed.url, Attributes: { RedriveAllowPolicy: JSON.stringify(named) } }),
  )
  await makeQueue(sqs, 'a', redriveTo(closed.arn))
  await expect(makeQueue(sqs, 'b', redriveTo(closed.arn))).rejects.toThrow('RedriveAllowPolicy')
  await expect(makeQueue(sqs, 'c', { RedriveAllowPolicy: '{"redrivePermission":"byQueue"}' })).rejects.toMatchObject({
    name: 'InvalidAttributeValue',
  })
})
