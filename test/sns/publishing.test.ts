import { createVerify, X509Certificate } from 'node:crypto'
import {
  CreateTopicCommand,
  type MessageAttributeValue,
  PublishBatchCommand,
  PublishCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { CreateQueueCommand, ReceiveMessageCommand, SetQueueAttributesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

async function topic(igarape: Igarape, Name = 'vendas', Attributes: Record<string, string> = {}): Promise<string> {
  const { TopicArn } = await igarape.client(SNSClient).send(new CreateTopicCommand({ Name, Attributes }))
  return TopicArn as string
}

/** A queue that is subscribed, and how to read what came to it. */
async function subscribedQueue(igarape: Igarape, TopicArn: string, Attributes: Record<string, string> = {}) {
  const sqs = igarape.client(SQSClient)
  const isFifo = TopicArn.endsWith('.fifo')
  const QueueName = `fila-${Object.keys(Attributes).join('-') || 'simples'}${isFifo ? '.fifo' : ''}`
  const settings = isFifo ? { FifoQueue: 'true' } : {}
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName, Attributes: settings }))
  const Endpoint = `arn:aws:sqs:us-east-1:000000000000:${QueueName}`
  await igarape.client(SNSClient).send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }))
  return {
    arn: Endpoint,
    url: QueueUrl as string,
    async messages() {
      const { Messages = [] } = await sqs.send(
        new ReceiveMessageCommand({
          QueueUrl,
          MaxNumberOfMessages: 10,
          MessageAttributeNames: ['All'],
          MessageSystemAttributeNames: ['All'],
        }),
      )
      return Messages
    },
  }
}

test('a queue receives a signed notification', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)
  const queue = await subscribedQueue(igarape, TopicArn)
  const MessageAttributes = {
    loja: { DataType: 'Number', StringValue: '123' },
    bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
  }

  const { MessageId } = await sns.send(
    new PublishCommand({ TopicArn, Message: 'São João', Subject: 'Olá', MessageAttributes }),
  )

  const [message] = await queue.messages()
  const body = JSON.parse(message?.Body ?? '')
  expect(message?.MessageAttributes).toBeUndefined()
  expect(body).toEqual({
    Type: 'Notification',
    MessageId,
    TopicArn,
    Subject: 'Olá',
    Message: 'São João',
    Timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    SignatureVersion: '1',
    Signature: expect.any(String),
    SigningCertURL: expect.stringContaining('certificate.pem'),
    UnsubscribeURL: expect.stringContaining('Action=Unsubscribe&SubscriptionArn=arn%3Aaws%3Asns'),
    MessageAttributes: { loja: { Type: 'Number', Value: '123' }, bytes: { Type: 'Binary', Value: 'AQI=' } },
  })
  const certificate = new X509Certificate(await (await fetch(body.SigningCertURL)).text())
  const signed = ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
  const text = signed.map((name) => `${name}\n${body[name]}\n`).join('')
  expect(createVerify('RSA-SHA1').update(text).verify(certificate.publicKey, body.Signature, 'base64')).toBe(true)
})

test('raw delivery hands over the message and its attributes as they are', async ({ igarape }) => {
  const TopicArn = await topic(igarape)
  const queue = await subscribedQueue(igarape, TopicArn, { RawMessageDelivery: 'true' })
  const MessageAttributes = { tipo: { DataType: 'String', StringValue: 'venda' } }

  await igarape.client(SNSClient).send(new PublishCommand({ TopicArn, Message: '{"a":1}', MessageAttributes }))

  const [message] = await queue.messages()
  expect(message?.Body).toBe('{"a":1}')
  expect(message?.MessageAttributes).toEqual(MessageAttributes)
})

test('a message structured as JSON says to each protocol its own text', async ({ igarape }) => {
  const TopicArn = await topic(igarape)
  const queue = await subscribedQueue(igarape, TopicArn, { RawMessageDelivery: 'true' })
  const Message = JSON.stringify({ default: 'para todos', sqs: 'para filas' })

  await igarape.client(SNSClient).send(new PublishCommand({ TopicArn, Message, MessageStructure: 'json' }))

  expect((await queue.messages()).map(({ Body }) => Body)).toEqual(['para filas'])
})

describe('a filter policy lets through what it names', () => {
  const sent: { Message: string; MessageAttributes: Record<string, MessageAttributeValue> }[] = [
    { Message: '{"loja":{"id":1}}', MessageAttributes: { valor: { DataType: 'Number', StringValue: '150' } } },
    { Message: '{"loja":{"id":2}}', MessageAttributes: { valor: { DataType: 'Number', StringValue: '50' } } },
    { Message: 'texto', MessageAttributes: {} },
  ]

  test.for([
    ['attributes', { FilterPolicy: '{"valor":[{"numeric":[">=",100]}]}' }, ['{"loja":{"id":1}}']],
    ['body', { FilterPolicy: '{"loja":{"id":[2]}}', FilterPolicyScope: 'MessageBody' }, ['{"loja":{"id":2}}']],
    ['nothing', { FilterPolicy: '{}' }, sent.map(({ Message }) => Message)],
  ] as [string, Record<string, string>, string[]][])('by %s', async ([, attributes, wanted], { igarape }) => {
    const TopicArn = await topic(igarape)
    const queue = await subscribedQueue(igarape, TopicArn, { RawMessageDelivery: 'true', ...attributes })

    for (const one of sent) await igarape.client(SNSClient).send(new PublishCommand({ TopicArn, ...one }))

    expect((await queue.messages()).map(({ Body }) => Body).sort()).toEqual([...wanted].sort())
  })
})

test('a FIFO topic keeps the order of a group and takes a duplicate once', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape, 'vendas.fifo', { FifoTopic: 'true', ContentBasedDeduplication: 'true' })
  const queue = await subscribedQueue(igarape, TopicArn, { RawMessageDelivery: 'true' })

  const first = await sns.send(new PublishCommand({ TopicArn, Message: 'um', MessageGroupId: 'g' }))
  const again = await sns.send(new PublishCommand({ TopicArn, Message: 'um', MessageGroupId: 'g' }))
  const second = await sns.send(new PublishCommand({ TopicArn, Message: 'dois', MessageGroupId: 'g' }))

  expect(again.MessageId).toBe(first.MessageId)
  expect(BigInt(second.SequenceNumber ?? '') > BigInt(first.SequenceNumber ?? '')).toBe(true)
  const messages = await queue.messages()
  expect(messages.map(({ Body }) => Body)).toEqual(['um', 'dois'])
  expect(messages[0]?.Attributes?.MessageGroupId).toBe('g')
})

test('each entry of a batch has its own success or failure', async ({ igarape }) => {
  const TopicArn = await topic(igarape)
  const queue = await subscribedQueue(igarape, TopicArn, { RawMessageDelivery: 'true' })
  const PublishBatchRequestEntries = [
    { Id: 'a', Message: 'um' },
    { Id: 'b', Message: 'dois', Subject: 'x'.repeat(101) },
  ]

  const { Successful, Failed } = await igarape
    .client(SNSClient)
    .send(new PublishBatchCommand({ TopicArn, PublishBatchRequestEntries }))

  expect(Successful).toEqual([{ Id: 'a', MessageId: expect.any(String) }])
  expect(Failed).toEqual([
    { Id: 'b', Code: 'InvalidParameter', Message: 'Invalid parameter: Subject', SenderFault: true },
  ])
  expect((await queue.messages()).map(({ Body }) => Body)).toEqual(['um'])
})

test('what a queue refuses goes to the dead-letter queue of the subscription', async ({ igarape }) => {
  const sqs = igarape.client(SQSClient)
  const TopicArn = await topic(igarape)
  const dead = await sqs.send(new CreateQueueCommand({ QueueName: 'mortas' }))
  const deadLetterTargetArn = 'arn:aws:sqs:us-east-1:000000000000:mortas'
  const queue = await subscribedQueue(igarape, TopicArn, { RedrivePolicy: JSON.stringify({ deadLetterTargetArn }) })
  const Policy = JSON.stringify({ Statement: [{ Effect: 'Deny', Principal: '*', Action: 'sqs:*', Resource: '*' }] })
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: queue.url, Attributes: { Policy } }))

  await igarape.client(SNSClient).send(new PublishCommand({ TopicArn, Message: 'perdida' }))

  const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: dead.QueueUrl }))
  expect(JSON.parse(Messages[0]?.Body ?? '').Message).toBe('perdida')
})

describe('a bad message is refused in the words of SNS', () => {
  test.for([
    ['empty', { Message: '' }, 'Invalid parameter: Empty message'],
    ['too long', { Message: 'x'.repeat(262_145) }, 'Invalid parameter: Message too long'],
    ['with a bad subject', { Message: 'm', Subject: 'a\nb' }, 'Invalid parameter: Subject'],
    [
      'with no default text',
      { Message: '{"sqs":"a"}', MessageStructure: 'json' },
      'Invalid parameter: Message Structure - No default entry in JSON message body',
    ],
    [
      'with a broken structure',
      { Message: '{', MessageStructure: 'json' },
      'Invalid parameter: Message Structure - JSON message body failed to parse',
    ],
    [
      'with an empty attribute',
      { Message: 'm', MessageAttributes: { a: { DataType: 'String', StringValue: '' } } },
      "The message attribute 'a' must contain non-empty message attribute value for message attribute type 'String'.",
    ],
    [
      'with a deduplication id on a standard topic',
      { Message: 'm', MessageDeduplicationId: 'd' },
      'Invalid parameter: MessageDeduplicationId Reason: The request includes MessageDeduplicationId parameter that is not valid for this topic type',
    ],
  ] as [string, { Message: string }, string][])('%s', async ([, input, message], { igarape }) => {
    const TopicArn = await topic(igarape)

    await expect(igarape.client(SNSClient).send(new PublishCommand({ TopicArn, ...input }))).rejects.toThrow(message)
  })
})

test('publishing to a topic that is not there is refused', async ({ igarape }) => {
  const TopicArn = 'arn:aws:sns:us-east-1:000000000000:nenhum'

  await expect(igarape.client(SNSClient).send(new PublishCommand({ TopicArn, Message: 'm' }))).rejects.toMatchObject({
    name: 'NotFoundException',
    message: 'Topic does not exist',
  })
})

test('version 2 of the signature is SHA-256', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const TopicArn = await topic(igarape)
  await sns.send(new SetTopicAttributesCommand({ TopicArn, AttributeName: 'SignatureVersion', AttributeValue: '2' }))
  const queue = await subscribedQueue(igarape, TopicArn)

  await sns.send(new PublishCommand({ TopicArn, Message: 'm' }))

  const body = JSON.parse((await queue.messages())[0]?.Body ?? '')
  const certificate = new X509Certificate(await (await fetch(body.SigningCertURL)).text())
  const text = ['Message', 'MessageId', 'Timestamp', 'TopicArn', 'Type']
    .map((name) => `${name}\n${body[name]}\n`)
    .join('')
  expect(body.SignatureVersion).toBe('2')
  expect(createVerify('RSA-SHA256').update(text).verify(certificate.publicKey, body.Signature, 'base64')).toBe(true)
})
