/**
 * What a simulation plays with: buckets, rules, queues and functions, some of which fail; and the book of what was
 * acknowledged and where it must turn up.
 */

import {
  CreateEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
} from '@aws-sdk/client-eventbridge'
import {
  CreateFunctionCommand,
  InvokeCommand,
  LambdaClient,
  PutFunctionEventInvokeConfigCommand,
} from '@aws-sdk/client-lambda'
import {
  CreateBucketCommand,
  PutBucketNotificationConfigurationCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  ReceiveMessageCommand,
  SendMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { zipSync } from 'fflate'
import type { Igarape } from '../../src/testkit/server.ts'

/** The server that is played with: in this process or another. */
export type Played = Pick<Igarape, 'client' | 'endpoint'>

const account = '000000000000'
const arn = (service: string, resource: string) => `arn:aws:${service}:us-east-1:${account}:${resource}`
export const queueArn = (name: string) => arn('sqs', name)

/** Where each kind of write must turn up, once, at least. */
export const outlets = {
  /** SendMessage. */
  sent: 'sent',
  /** PutEvents → rule → queue. */
  events: 'events',
  /** PutEvents → rule → a queue that is not there → the rule's dead-letter queue. */
  refused: 'refused-letters',
  /** PutObject → Object Created → rule → queue. */
  objects: 'objects',
  /** PutObject → S3's own notification → queue. */
  notified: 'notified',
  /** Invoke(Event) → a function that fails always → its on-failure destination. */
  failures: 'failures',
  /** PutEvents → rule → a function that fails at times → its on-success or on-failure destination. */
  outcomes: 'outcomes',
} as const

export type Outlet = keyof typeof outlets

/** `code` is that of the functions, where real processes run them. */
export async function buildWorld(
  igarape: Played,
  code = 'export const handler = async (event) => event',
): Promise<void> {
  const sqs = igarape.client(SQSClient)
  for (const QueueName of Object.values(outlets)) await sqs.send(new CreateQueueCommand({ QueueName }))
  await buildRules(igarape)
  await buildBucket(igarape)
  await buildFunctions(igarape, code)
}

async function buildRules(igarape: Played): Promise<void> {
  const events = igarape.client(EventBridgeClient)
  await events.send(new CreateEventBusCommand({ Name: 'vendas' }))
  const rule = async (name: string, pattern: object, target: object, EventBusName = 'vendas') => {
    await events.send(new PutRuleCommand({ Name: name, EventBusName, EventPattern: JSON.stringify(pattern) }))
    await events.send(new PutTargetsCommand({ Rule: name, EventBusName, Targets: [{ Id: name, Arn: '', ...target }] }))
  }
  await rule('arrived', { detail: { kind: ['event'] } }, { Arn: queueArn(outlets.events) })
  const DeadLetterConfig = { Arn: queueArn(outlets.refused) }
  await rule('nowhere', { detail: { kind: ['refused'] } }, { Arn: queueArn('not-there'), DeadLetterConfig })
  await rule(
    'created',
    { source: ['aws.s3'], 'detail-type': ['Object Created'] },
    { Arn: queueArn(outlets.objects) },
    'default',
  )
  await rule('worked', { detail: { kind: ['outcome'] } }, { Arn: arn('lambda', 'function:fickle') })
}

async function buildBucket(igarape: Played): Promise<void> {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'raw' }))
  const NotificationConfiguration = {
    EventBridgeConfiguration: {},
    QueueConfigurations: [{ QueueArn: queueArn(outlets.notified), Events: ['s3:ObjectCreated:*' as const] }],
  }
  await s3.send(new PutBucketNotificationConfigurationCommand({ Bucket: 'raw', NotificationConfiguration }))
}

async function buildFunctions(igarape: Played, code: string): Promise<void> {
  const lambda = igarape.client(LambdaClient)
  const ZipFile = zipSync({ 'index.mjs': Buffer.from(code) })
  const create = async (FunctionName: string, failure: string, success?: string) => {
    const Role = `arn:aws:iam::${account}:role/lambda`
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName,
        Role,
        Runtime: 'nodejs20.x',
        Handler: 'index.handler',
        Code: { ZipFile },
      }),
    )
    const DestinationConfig = {
      OnFailure: { Destination: queueArn(failure) },
      ...(success && { OnSuccess: { Destination: queueArn(success) } }),
    }
    await lambda.send(new PutFunctionEventInvokeConfigCommand({ FunctionName, DestinationConfig }))
  }
  await create('broken', outlets.failures)
  await create('fickle', outlets.outcomes, outlets.outcomes)
}

/** Does one write, and resolves only when it was acknowledged. */
export const writes: Record<string, { outlets: Outlet[]; write(igarape: Played, id: string): Promise<unknown> }> = {
  SendMessage: {
    outlets: ['sent'],
    write: async (igarape, id) => {
      const QueueUrl = `${igarape.endpoint}/${account}/${outlets.sent}`
      return igarape.client(SQSClient).send(new SendMessageCommand({ QueueUrl, MessageBody: `<${id}>` }))
    },
  },
  PutObject: {
    outlets: ['objects', 'notified'],
    write: (igarape, id) =>
      igarape.client(S3Client).send(new PutObjectCommand({ Bucket: 'raw', Key: `<${id}>`, Body: id })),
  },
  event: { outlets: ['events'], write: (igarape, id) => putEvents(igarape, 'event', [id]) },
  batch: {
    outlets: ['events'],
    write: (igarape, id) => putEvents(igarape, 'event', idsOf('batch', id)),
  },
  refused: { outlets: ['refused'], write: (igarape, id) => putEvents(igarape, 'refused', [id]) },
  outcome: { outlets: ['outcomes'], write: (igarape, id) => putEvents(igarape, 'outcome', [id]) },
  Invoke: {
    outlets: ['failures'],
    write: (igarape, id) => {
      const Payload = Buffer.from(JSON.stringify({ id: `<${id}>` }))
      return igarape
        .client(LambdaClient)
        .send(new InvokeCommand({ FunctionName: 'broken', InvocationType: 'Event', Payload }))
    },
  },
}

async function putEvents(igarape: Played, kind: string, ids: string[]) {
  const Entries = ids.map((id) => {
    const Detail = JSON.stringify({ kind, id: `<${id}>` })
    return { EventBusName: 'vendas', Source: 'loja', DetailType: 'venda', Detail }
  })
  const answer = await igarape.client(EventBridgeClient).send(new PutEventsCommand({ Entries }))
  if (answer.FailedEntryCount) throw new Error('an entry was refused')
  return answer
}

const batchEntries = 10

/** What one write is known by: a batch by ten ids of its own. */
export function idsOf(kind: string, id: string): string[] {
  if (kind !== 'batch') return [id]
  const number = Number(id.split('-')[1])
  return Array.from({ length: batchEntries }, (_, at) => `batch-${number * batchEntries + at}`)
}

/** The ids that lie in a queue, and how often each; it is emptied. */
export async function idsIn(igarape: Played, queue: string): Promise<Map<string, number>> {
  const sqs = igarape.client(SQSClient)
  const QueueUrl = `${igarape.endpoint}/${account}/${queue}`
  const found = new Map<string, number>()
  for (;;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    if (Messages.length === 0) return found
    // A key is URL-encoded in S3's own notification, quoted in a JSON text inside JSON elsewhere.
    for (const { Body = '' } of Messages) {
      const ids = new Set([...decodeURIComponent(Body).matchAll(/<([a-z]+-\d+)>/gi)].map(([, id]) => id as string))
      for (const id of ids) found.set(id, (found.get(id) ?? 0) + 1)
    }
    const Entries = Messages.map(({ ReceiptHandle }, index) => ({ Id: String(index), ReceiptHandle }))
    await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }))
  }
}
