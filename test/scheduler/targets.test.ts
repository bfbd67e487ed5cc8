/** What schedules invoke: templated targets, universal ones, and what becomes of an invocation that fails. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  CreateFunctionCommand,
  LambdaClient,
  PutFunctionConcurrencyCommand,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda'
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateTopicCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import type { Message } from '@aws-sdk/client-sqs'
import { zipSync } from 'fflate'
import { describe, expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { account, bodies, messages, queue, queueArn, role, schedule, scheduleArn, timeText } from './world.ts'

const universal = (action: string) => `arn:aws:scheduler:::aws-sdk:${action}`
const once = { ScheduleExpression: 'at(2020-01-01T00:00:00)' }

describe('a templated target', () => {
  test('is sent the default notification where there is no input', async ({ igarape }) => {
    await queue(igarape, 'fila')
    await schedule(igarape, { ScheduleExpression: 'rate(1 day)', Target: { Input: undefined } })
    await igarape.settled()

    const [body = ''] = await bodies(igarape, 'fila')
    expect(JSON.parse(body)).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      account,
      time: timeText(igarape.clock.now()),
      region: 'us-east-1',
      resources: [scheduleArn('agenda')],
      detail: '{}',
    })
  })

  test('is told of its schedule, time, execution and attempt', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const names = ['schedule-arn', 'scheduled-time', 'execution-id', 'attempt-number']
    await schedule(igarape, { ...once, Target: { Input: names.map((name) => `<aws.scheduler.${name}>`).join(' ') } })
    await igarape.settled()

    const [arn, time, execution, attempt] = (await bodies(igarape, 'fila'))[0]?.split(' ') ?? []
    expect([arn, time, attempt]).toEqual([scheduleArn('agenda'), '2020-01-01T00:00:00Z', '1'])
    expect(execution).toMatch(/^[0-9a-f]{16}$/)
  })

  test('may be a FIFO queue, with its group', async ({ igarape }) => {
    const Arn = await queue(igarape, 'fila.fifo', { FifoQueue: 'true', ContentBasedDeduplication: 'true' })
    await schedule(igarape, { ...once, Target: { Arn, Input: 'oi', SqsParameters: { MessageGroupId: 'lojas' } } })
    await igarape.settled()

    const [message] = await messages(igarape, 'fila.fifo')
    expect([message?.Body, message?.Attributes?.MessageGroupId]).toEqual(['oi', 'lojas'])
  })

  test('may be a topic', async ({ igarape }) => {
    const Endpoint = await queue(igarape, 'fila')
    const sns = igarape.client(SNSClient)
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name: 'avisos' }))
    const Attributes = { RawMessageDelivery: 'true' }
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }))
    await schedule(igarape, { ...once, Target: { Arn: TopicArn as string, Input: 'oi' } })
    await igarape.settled()

    expect(await bodies(igarape, 'fila')).toEqual(['oi'])
  })

  test('may be an event bus, which gets an event with the input as its detail', async ({ igarape }) => {
    const Arn = await queue(igarape, 'fila')
    const events = igarape.client(EventBridgeClient)
    const { EventBusArn = '' } = await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
    const rule = { Name: 'todas', EventBusName: 'vendas' }
    await events.send(new PutRuleCommand({ ...rule, EventPattern: '{"detail":{"loja":[123]}}' }))
    await events.send(new PutTargetsCommand({ Rule: 'todas', EventBusName: 'vendas', Targets: [{ Id: 'fila', Arn }] }))
    const EventBridgeParameters = { DetailType: 'fechamento', Source: 'app.lojas' }
    await schedule(igarape, { ...once, Target: { Arn: EventBusArn, Input: '{"loja":123}', EventBridgeParameters } })
    await igarape.settled()

    const [body = ''] = await bodies(igarape, 'fila')
    expect(JSON.parse(body)).toMatchObject({
      'detail-type': 'fechamento',
      source: 'app.lojas',
      account,
      region: 'us-east-1',
      time: timeText(igarape.clock.now()),
      resources: [scheduleArn('agenda')],
      detail: { loja: 123 },
    })
  })

  test('may be a function, which is invoked asynchronously', async ({ igarape }) => {
    const Destination = await queue(igarape, 'feitas')
    const lambda = igarape.client(LambdaClient)
    const ZipFile = zipSync({ 'index.mjs': Buffer.from('export const handler = async (event) => event.loja + 1') })
    const { FunctionArn = '' } = await lambda.send(
      new CreateFunctionCommand({ ...settings, FunctionName: 'soma', Code: { ZipFile } }),
    )
    const DestinationConfig = { OnSuccess: { Destination } }
    await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName: 'soma', DestinationConfig }))
    await schedule(igarape, { ...once, Target: { Arn: FunctionArn, Input: '{"loja":123}' } })
    await igarape.settled()

    const [body = ''] = await bodies(igarape, 'feitas')
    expect(JSON.parse(body)).toMatchObject({ requestPayload: { loja: 123 }, responsePayload: 124 })
  }, 60_000)
})

describe('a universal target', () => {
  test('sends messages, publishes and puts events, once for each time', async ({ igarape }) => {
    await queue(igarape, 'fila')
    const QueueUrl = `${igarape.endpoint}/${account}/fila`
    const MessageAttributes = { loja: { DataType: 'String', StringValue: '123' } }
    const Input = JSON.stringify({ QueueUrl, MessageBody: '<aws.scheduler.scheduled-time>', MessageAttributes })
    const start = igarape.clock.now()
    await schedule(igarape, { Target: { Arn: universal('sqs:sendMessage'), Input } })
    await igarape.clock.advance({ minutes: 2 })

    const sent = await messages(igarape, 'fila')
    expect(sent.map(({ Body }) => Body)).toEqual([0, 1, 2].map((minutes) => timeText(start, minutes)))
    expect(sent[0]?.MessageAttributes?.loja?.StringValue).toBe('123')
  })

  test('names members in Pascal case, whatever the service calls them', async ({ igarape }) => {
    const Input = JSON.stringify({ LogGroupName: '/lojas', Tags: { dono: 'dados' } })
    await schedule(igarape, { ...once, Target: { Arn: universal('cloudwatchlogs:createLogGroup'), Input } })
    await igarape.settled()

    const { logGroups = [] } = await igarape.client(CloudWatchLogsClient).send(new DescribeLogGroupsCommand({}))
    expect(logGroups.map(({ logGroupName }) => logGroupName)).toContain('/lojas')
  })

  test('takes bytes as the text they are', async ({ igarape }) => {
    const s3 = igarape.client(S3Client)
    await s3.send(new CreateBucketCommand({ Bucket: 'lojas' }))
    const Input = JSON.stringify({ Bucket: 'lojas', Key: 'fechamento.json', Body: '{"loja":123}' })
    await schedule(igarape, { ...once, Target: { Arn: universal('s3:putObject'), Input } })
    await igarape.settled()

    const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'lojas', Key: 'fechamento.json' }))
    expect(await Body?.transformToString()).toBe('{"loja":123}')
  })

  test.for([
    ['a member is missing', 'sqs:sendMessage', { QueueUrl: 'x' }, 'MissingParameter', /MessageBody/],
    ['a member is of another type', 'sns:publish', { TopicArn: 5, Message: 'x' }, 'SerializationException', /NUMBER/],
    ['a member is unknown', 'sns:publish', { Topic: 'x', Message: 'x' }, 'ValidationException', /Publish\.Topic/],
    ['the resource is not there', 'glue:startJobRun', { JobName: 'x' }, 'EntityNotFoundException', /Failed to start/],
  ] as const)(
    'that is refused because %s is a dead letter at once',
    async ([, action, input, code, text], { igarape }) => {
      await queue(igarape, 'mortas')
      const DeadLetterConfig = { Arn: queueArn('mortas') }
      await schedule(igarape, {
        ...once,
        Target: { Arn: universal(action), Input: JSON.stringify(input), DeadLetterConfig },
      })
      await igarape.settled()

      const [letter] = await messages(igarape, 'mortas')
      expect(attributesOf(letter)).toMatchObject({
        ERROR_CODE: code,
        RETRY_ATTEMPTS: '0',
        TARGET_ARN: universal(action),
      })
      expect(attributesOf(letter).ERROR_MESSAGE).toMatch(text)
      expect(attributesOf(letter).EXHAUSTED_RETRY_CONDITION).toBeUndefined()
    },
  )
})

describe('an invocation that fails', () => {
  test('for good is a dead letter with all that Scheduler says of it', async ({ igarape }) => {
    await queue(igarape, 'mortas')
    const Target = { Arn: queueArn('nenhuma'), Input: 'oi', DeadLetterConfig: { Arn: queueArn('mortas') } }
    await schedule(igarape, { ...once, Target })
    await igarape.settled()

    const [letter] = await messages(igarape, 'mortas')
    expect(letter?.Body).toBe('oi')
    expect(attributesOf(letter)).toEqual({
      ERROR_CODE: 'AWS.SimpleQueueService.NonExistentQueue',
      ERROR_MESSAGE: 'The specified queue does not exist.',
      EXECUTION_ID: expect.stringMatching(/^[0-9a-f]{16}$/),
      IS_PAYLOAD_TRUNCATED: 'false',
      RETRY_ATTEMPTS: '0',
      SCHEDULED_TIME: '2020-01-01T00:00:00Z',
      SCHEDULE_ARN: scheduleArn('agenda'),
      TARGET_ARN: universal('sqs:sendMessage'),
    })
  })

  test('for now is tried as often as its policy says, and told which try it is', async ({ igarape }) => {
    await queue(igarape, 'mortas')
    await throttledFunction(igarape, 'soma')
    const RetryPolicy = { MaximumRetryAttempts: 2, MaximumEventAgeInSeconds: 3600 }
    await schedule(igarape, { ...once, Target: { ...invoking('soma'), RetryPolicy } })
    await igarape.clock.advance({ minutes: 10 })

    const [letter] = await messages(igarape, 'mortas')
    expect(JSON.parse(letter?.Body ?? '')).toEqual({ FunctionName: 'soma', Payload: '3' })
    expect(attributesOf(letter)).toMatchObject({
      ERROR_CODE: 'TooManyRequestsException',
      EXHAUSTED_RETRY_CONDITION: 'MaximumRetryAttempts',
      RETRY_ATTEMPTS: '2',
    })
  })

  test('for longer than its age allows is a dead letter', async ({ igarape }) => {
    await queue(igarape, 'mortas')
    await throttledFunction(igarape, 'soma')
    const RetryPolicy = { MaximumEventAgeInSeconds: 60 }
    await schedule(igarape, { ...once, Target: { ...invoking('soma'), RetryPolicy } })
    await igarape.clock.advance({ minutes: 10 })

    const [letter] = await messages(igarape, 'mortas')
    expect(attributesOf(letter).EXHAUSTED_RETRY_CONDITION).toBe('MaximumEventAgeInSeconds')
  })
})

const settings = { Role: role, Runtime: 'nodejs20.x', Handler: 'index.handler' } as const

/** A function that has no concurrency: whoever invokes it is told to come again. */
async function throttledFunction(igarape: Igarape, FunctionName: string): Promise<void> {
  const lambda = igarape.client(LambdaClient)
  const ZipFile = zipSync({ 'index.mjs': Buffer.from('export const handler = async () => 1') })
  await lambda.send(new CreateFunctionCommand({ ...settings, FunctionName, Code: { ZipFile } }))
  await lambda.send(new PutFunctionConcurrencyCommand({ FunctionName, ReservedConcurrentExecutions: 0 }))
}

function invoking(FunctionName: string) {
  const Input = JSON.stringify({ FunctionName, Payload: '<aws.scheduler.attempt-number>' })
  return { Arn: universal('lambda:invoke'), Input, DeadLetterConfig: { Arn: queueArn('mortas') } }
}

function attributesOf(message: Message | undefined): Record<string, string | undefined> {
  const attributes = Object.entries(message?.MessageAttributes ?? {})
  return Object.fromEntries(attributes.map(([name, { StringValue }]) => [name, StringValue]))
}
