import { EventBridgeClient, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  DeleteObjectCommand,
  GetBucketNotificationConfigurationCommand,
  type NotificationConfiguration,
  PutBucketNotificationConfigurationCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import {
  CreateQueueCommand,
  GetQueueAttributesCommand,
  ReceiveMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs'
import { describe } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { bucketIn, failureOf } from './samples.ts'

async function openQueue(igarape: Igarape, name: string, principal = 's3.amazonaws.com') {
  const sqs = igarape.client(SQSClient)
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name }))
  const { Attributes } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['QueueArn'] }))
  const QueueArn = Attributes?.QueueArn as string
  const statement = {
    Effect: 'Allow',
    Principal: { Service: principal },
    Action: 'sqs:SendMessage',
    Resource: QueueArn,
  }
  const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] })
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl, Attributes: { Policy } }))
  // biome-ignore lint/suspicious/noExplicitAny: messages are whatever was sent
  const messages = async (): Promise<any[]> => {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10 }))
    return Messages.map((message) => JSON.parse(message.Body ?? ''))
  }
  return { QueueArn, messages }
}

const configure = (igarape: Igarape, Bucket: string, NotificationConfiguration: NotificationConfiguration) =>
  igarape.client(S3Client).send(new PutBucketNotificationConfigurationCommand({ Bucket, NotificationConfiguration }))

describe('events on the bus', () => {
  async function bridged(igarape: Igarape) {
    const { s3, Bucket } = await bucketIn(igarape, 'eventos')
    await configure(igarape, Bucket, { EventBridgeConfiguration: {} })
    const bus = igarape.client(EventBridgeClient)
    const queue = await openQueue(igarape, 'barramento', 'events.amazonaws.com')
    const EventPattern = JSON.stringify({ source: ['aws.s3'], detail: { bucket: { name: [Bucket] } } })
    await bus.send(new PutRuleCommand({ Name: 'tudo', EventPattern }))
    await bus.send(new PutTargetsCommand({ Rule: 'tudo', Targets: [{ Id: '1', Arn: queue.QueueArn }] }))
    return { s3, Bucket, queue }
  }

  test('an object put is told as AWS documents it', async ({ igarape, expect }) => {
    const { s3, Bucket, queue } = await bridged(igarape)
    await s3.send(new PutObjectCommand({ Bucket, Key: 'dir/red flower.jpg', Body: 'hello' }))
    await igarape.settled()

    const [event] = await queue.messages()

    expect(event).toEqual({
      version: '0',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      'detail-type': 'Object Created',
      source: 'aws.s3',
      account: '000000000000',
      time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
      region: 'us-east-1',
      resources: ['arn:aws:s3:::eventos'],
      detail: {
        version: '0',
        'event-version': '1.0',
        bucket: { name: 'eventos' },
        object: {
          key: 'dir/red flower.jpg',
          size: 5,
          etag: '5d41402abc4b2a76b9719d911017c592',
          sequencer: expect.stringMatching(/^00[0-9A-F]{16}$/),
        },
        'request-id': expect.stringMatching(/^[0-9A-Z]{16}$/),
        requester: '000000000000',
        'source-ip-address': '127.0.0.1',
        reason: 'PutObject',
      },
    })
  })

  test('deletions, markers and tags are told too, in an order that the sequencer shows', async ({
    igarape,
    expect,
  }) => {
    const { s3, Bucket, queue } = await bridged(igarape)
    const Status = 'Enabled' as const
    await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))
    const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
    const Tagging = { TagSet: [{ Key: 'a', Value: '1' }] }
    await s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId }))
    await igarape.settled()

    const details = (await queue.messages()).map(({ detail, 'detail-type': type }) => ({ type, ...detail }))

    expect(details.map((detail) => [detail.type, detail.reason, detail['deletion-type']])).toEqual([
      ['Object Created', 'PutObject', undefined],
      ['Object Tags Added', undefined, undefined],
      ['Object Deleted', 'DeleteObject', 'Delete Marker Created'],
      ['Object Deleted', 'DeleteObject', 'Permanently Deleted'],
    ])
    expect(details[2].object.etag).toBe('d41d8cd98f00b204e9800998ecf8427e')
    expect(details[3].object['version-id']).toBe(VersionId)
    const sequencers = details.flatMap((detail) => detail.object.sequencer ?? [])
    expect(sequencers).toEqual([...sequencers].sort())
  })
})

describe('direct notifications', () => {
  test('a queue gets the test event, then what its filter lets through', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'avisos')
    const { QueueArn, messages } = await openQueue(igarape, 'avisos')
    const FilterRules = [
      { Name: 'prefix' as const, Value: 'raw/' },
      { Name: 'suffix' as const, Value: '.csv' },
    ]
    const rule = { Id: 'csv', QueueArn, Events: ['s3:ObjectCreated:*' as const], Filter: { Key: { FilterRules } } }
    await configure(igarape, Bucket, { QueueConfigurations: [rule] })
    for (const Key of ['raw/a b+ç.csv', 'raw/a.json', 'a.csv'])
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: 'x' }))
    await igarape.settled()

    const [first, second, ...more] = await messages()

    expect(first).toMatchObject({ Service: 'Amazon S3', Event: 's3:TestEvent', Bucket })
    expect(more).toEqual([])
    expect(second.Records).toEqual([
      {
        eventVersion: '2.1',
        eventSource: 'aws:s3',
        awsRegion: 'us-east-1',
        eventTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
        eventName: 'ObjectCreated:Put',
        userIdentity: { principalId: expect.stringMatching(/^AWS:/) },
        requestParameters: { sourceIPAddress: '127.0.0.1' },
        responseElements: { 'x-amz-request-id': expect.any(String), 'x-amz-id-2': expect.any(String) },
        s3: {
          s3SchemaVersion: '1.0',
          configurationId: 'csv',
          bucket: { name: Bucket, ownerIdentity: { principalId: expect.any(String) }, arn: `arn:aws:s3:::${Bucket}` },
          object: {
            key: 'raw/a+b%2B%C3%A7.csv',
            size: 1,
            eTag: '9dd4e461268c8034f5c8564e155c67a6',
            sequencer: expect.stringMatching(/^00[0-9A-F]{16}$/),
          },
        },
      },
    ])
  })

  test('a configuration comes back as it was put', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'avisos')
    const { QueueArn } = await openQueue(igarape, 'avisos')
    const Filter = { Key: { FilterRules: [{ Name: 'Prefix' as never, Value: 'a/' }] } }
    const QueueConfigurations = [{ Id: 'um', QueueArn, Events: ['s3:ObjectRemoved:*' as const], Filter }]
    await configure(igarape, Bucket, { QueueConfigurations, EventBridgeConfiguration: {} })

    const { $metadata: _, ...got } = await s3.send(new GetBucketNotificationConfigurationCommand({ Bucket }))
    expect(got).toEqual({ QueueConfigurations, EventBridgeConfiguration: {} })
  })

  test.for([
    ['same event', {}, {}, 'Configurations overlap'],
    ['prefix in prefix', { prefix: 'a' }, { prefix: 'ab' }, 'Configuration is ambiguously defined'],
    ['suffix in suffix', { suffix: '.gz' }, { suffix: '.csv.gz' }, 'Configuration is ambiguously defined'],
  ] as const)('two rules that could both match are refused: %s', async ([, one, other, text], { igarape, expect }) => {
    const { Bucket } = await bucketIn(igarape, 'avisos')
    const { QueueArn } = await openQueue(igarape, 'avisos')
    const rule = (filter: Record<string, string>) => ({
      QueueArn,
      Events: ['s3:ObjectCreated:*' as const],
      Filter: {
        Key: { FilterRules: Object.entries(filter).map(([Name, Value]) => ({ Name: Name as 'prefix', Value })) },
      },
    })

    const refused = await failureOf(configure(igarape, Bucket, { QueueConfigurations: [rule(one), rule(other)] }))
    expect(refused).toMatchObject({ code: 'InvalidArgument', message: expect.stringContaining(text) })
  })

  test('rules that differ in suffix may share a prefix', async ({ igarape }) => {
    const { Bucket } = await bucketIn(igarape, 'avisos')
    const { QueueArn } = await openQueue(igarape, 'avisos')
    const rule = (suffix: string) => ({
      QueueArn,
      Events: ['s3:ObjectCreated:*' as const],
      Filter: {
        Key: {
          FilterRules: [
            { Name: 'prefix' as const, Value: 'p/' },
            { Name: 'suffix' as const, Value: suffix },
          ],
        },
      },
    })
    await configure(igarape, Bucket, { QueueConfigurations: [rule('.csv'), rule('.json')] })
  })

  test('a destination that is not there, or lets nobody in, is refused', async ({ igarape, expect }) => {
    const { Bucket } = await bucketIn(igarape, 'avisos')
    const closed = await openQueue(igarape, 'fechada', 'sns.amazonaws.com')
    const to = (QueueArn: string) =>
      failureOf(configure(igarape, Bucket, { QueueConfigurations: [{ QueueArn, Events: ['s3:ObjectCreated:*'] }] }))
    const refusal = { code: 'InvalidArgument', message: 'Unable to validate the following destination configurations' }

    expect(await to('arn:aws:sqs:us-east-1:000000000000:nenhuma')).toMatchObject(refusal)
    expect(await to(closed.QueueArn)).toMatchObject(refusal)
    expect(await to('arn:aws:sns:us-east-1:000000000000:topico')).toMatchObject({ code: 'InvalidArgument' })
  })
})
