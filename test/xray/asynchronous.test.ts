/** What nobody waits for, in X-Ray: tries of an event, the traces of a queue's messages, and of a topic's. */
import { CreateEventSourceMappingCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { CreateTopicCommand, PublishCommand, SNSClient, SubscribeCommand } from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { makeFunction } from '../lambda/samples.ts'
import { type Part, traces, withHeader } from './traced.ts'

const active = { TracingConfig: { Mode: 'Active' as const }, MemorySize: 512, Timeout: 30 }

const service = (segments: Part[] = []) => segments.filter(({ origin }) => origin === 'AWS::Lambda')
const own = (segments: Part[] = []) => segments.filter(({ origin }) => origin === 'AWS::Lambda::Function')

test('an event waits and is tried in one segment of the service, and each try has one of the function', async ({
  igarape,
}) => {
  const code = "exports.handler = async () => { throw new Error('ainda nao') }"
  await makeFunction(igarape, 'tenta', code, active)
  await igarape
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: 'tenta', InvocationType: 'Event', Payload: '{}' }))
  await igarape.settled()
  await igarape.clock.advance({ seconds: 61 })

  const [trace, ...others] = await traces(igarape)
  expect(others).toEqual([])
  const [taken, ...more] = service(trace?.segments)
  expect(more).toEqual([])
  expect(taken).toMatchObject({ name: 'tenta', fault: true, http: { response: { status: 202 } } })
  const [dwell, first, second] = taken?.subsegments ?? []
  expect(taken?.subsegments?.map(({ name }) => name)).toEqual(['Dwell Time', 'Attempt #1', 'Attempt #2'])
  expect(dwell).toMatchObject({ start_time: taken?.start_time, end_time: first?.start_time })
  expect(first?.fault).toBe(true)
  expect((second?.start_time ?? 0) - (first?.start_time ?? 0)).toBeGreaterThanOrEqual(60)
  expect(own(trace?.segments).map(({ parent_id }) => parent_id)).toEqual([first?.id, second?.id])
  expect(taken?.end_time).toBe(second?.end_time)
})

test("tries of an event are no hops of Igarapé's own trace beside the invocations themselves", async ({ igarape }) => {
  await makeFunction(igarape, 'uma', 'exports.handler = async () => null', active)
  await igarape
    .client(LambdaClient)
    .send(new InvokeCommand({ FunctionName: 'uma', InvocationType: 'Event', Payload: '{}' }))

  const [trace] = await traces(igarape)
  const answer = await fetch(`${igarape.endpoint}/_igarape/traces/${trace?.id}`)
  const { roots } = (await answer.json()) as { roots: { service: string; children: unknown[] }[] }
  expect(roots.map(({ service, children }) => [service, children])).toEqual([['lambda', []]])
})

test("a batch of a queue has a trace of its own, linked to those of its messages' senders", async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'fila' }))
  const begun = Math.floor(igarape.clock.now().getTime() / 1000).toString(16)
  const header = (digit: string, sampled: number) =>
    `Root=1-${begun}-${digit.repeat(24)};Parent=${digit.repeat(16)};Sampled=${sampled}`
  const send = (command: SendMessageCommand) => sqs.send(command)
  await send(withHeader(new SendMessageCommand({ QueueUrl, MessageBody: 'um' }), header('a', 1)))
  await send(withHeader(new SendMessageCommand({ QueueUrl, MessageBody: 'de novo' }), header('a', 1)))
  await send(
    withHeader(
      new SendMessageCommand({
        QueueUrl,
        MessageBody: 'dois',
        MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: header('b', 1) } },
      }),
      header('a', 1),
    ),
  )
  await send(withHeader(new SendMessageCommand({ QueueUrl, MessageBody: 'calada' }), header('c', 0)))
  await send(new SendMessageCommand({ QueueUrl, MessageBody: 'sem' }))
  await makeFunction(igarape, 'le', 'exports.handler = async () => null', active)
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:fila'
  await igarape
    .client(LambdaClient)
    .send(new CreateEventSourceMappingCommand({ FunctionName: 'le', EventSourceArn, BatchSize: 10 }))

  const [trace, ...others] = await traces(igarape)
  expect(others).toEqual([])
  const [read] = service(trace?.segments)
  const attributes = { 'aws.xray.reserved.reference_type': 'parent' }
  expect(read?.parent_id).toBeUndefined()
  expect(read?.links?.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
    { trace_id: `1-${begun}-${'a'.repeat(24)}`, id: 'a'.repeat(16), attributes },
    { trace_id: `1-${begun}-${'b'.repeat(24)}`, id: 'b'.repeat(16), attributes },
  ])
})

test('each batch of a queue is another trace', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'fila' }))
  for (const MessageBody of ['um', 'dois', 'tres']) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody }))
  await makeFunction(igarape, 'le', 'exports.handler = async () => null', active)
  const EventSourceArn = 'arn:aws:sqs:us-east-1:000000000000:fila'
  await igarape
    .client(LambdaClient)
    .send(new CreateEventSourceMappingCommand({ FunctionName: 'le', EventSourceArn, BatchSize: 1 }))

  const found = await traces(igarape)
  expect(found.map(({ segments }) => segments.map(({ origin }) => origin))).toEqual(
    Array.from({ length: 3 }, () => ['AWS::Lambda', 'AWS::Lambda::Function']),
  )
})

test('an active topic has a segment where its publisher is traced, and what it sends on hangs below', async ({
  igarape,
}) => {
  const [sns, sqs] = [igarape.client(SNSClient), igarape.client(SQSClient)]
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'fila' }))
  const topic = async (Name: string, TracingConfig: string) => {
    const { TopicArn } = await sns.send(new CreateTopicCommand({ Name, Attributes: { TracingConfig } }))
    const Endpoint = 'arn:aws:sqs:us-east-1:000000000000:fila'
    await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint }))
    return TopicArn as string
  }
  const ativo = await topic('ativo', 'Active')
  const passante = await topic('passante', 'PassThrough')
  const begun = Math.floor(igarape.clock.now().getTime() / 1000).toString(16)
  const header = (digit: string, sampled: number) =>
    `Root=1-${begun}-${digit.repeat(24)};Parent=${digit.repeat(16)};Sampled=${sampled}`
  const publish = (TopicArn: string, digit: string, sampled: number) =>
    sns.send(withHeader(new PublishCommand({ TopicArn, Message: digit }), header(digit, sampled)))
  await publish(ativo, 'a', 1)
  await publish(ativo, 'b', 0)
  await publish(passante, 'c', 1)

  const [trace, ...others] = await traces(igarape)
  expect(others).toEqual([])
  expect(trace?.id).toBe(`1-${begun}-${'a'.repeat(24)}`)
  const [told] = trace?.segments ?? []
  expect(told).toMatchObject({ name: 'ativo', origin: 'AWS::SNS', resource_arn: ativo, parent_id: 'a'.repeat(16) })
  const { Messages = [] } = await sqs.send(
    new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, MessageSystemAttributeNames: ['All'] }),
  )
  const headers = Messages.map(({ Attributes }) => Attributes?.AWSTraceHeader)
  expect(headers).toContain(`Root=${trace?.id};Parent=${told?.id};Sampled=1`)
  expect(headers).toContain(header('c', 1))
})
