/** Message data protection: what a topic's policy denies, hides and tells, coming in and going out. */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import { CloudWatchLogsClient, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs'
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { CreateBucketCommand, GetObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3'
import {
  CreateTopicCommand,
  GetDataProtectionPolicyCommand,
  GetSubscriptionAttributesCommand,
  GetTopicAttributesCommand,
  PublishBatchCommand,
  PublishCommand,
  PutDataProtectionPolicyCommand,
  SetTopicAttributesCommand,
  SNSClient,
  SubscribeCommand,
} from '@aws-sdk/client-sns'
import { SQSClient } from '@aws-sdk/client-sqs'
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { bodies, makeQueue } from '../sqs/queues.ts'

const card = '4539894458086459'
const identifier = (name: string) => `arn:aws:dataprotection::aws:data-identifier/${name}`
const cards = [identifier('CreditCardNumber')]

function statement(Operation: object, more: object = {}) {
  return { DataDirection: 'Inbound', Principal: ['*'], DataIdentifier: cards, Operation, ...more }
}

function policy(statements: object[], more: object = {}): string {
  return JSON.stringify({ Name: 'p', Version: '2021-06-01', Statement: statements, ...more })
}

async function topicWith(igarape: Igarape, DataProtectionPolicy: string, Attributes: Record<string, string> = {}) {
  const sns = igarape.client(SNSClient)
  const made = await sns.send(new CreateTopicCommand({ Name: 'avisos', DataProtectionPolicy, Attributes }))
  const TopicArn = made.TopicArn as string
  const publish = (Message: string, more: object = {}) => sns.send(new PublishCommand({ TopicArn, Message, ...more }))
  return { sns, TopicArn, publish }
}

/** What is subscribed as whose client `sns` is; messages come raw. */
async function subscribed(igarape: Igarape, sns: SNSClient, TopicArn: string, name = 'fila') {
  const sqs = igarape.client(SQSClient)
  const { url, arn: Endpoint } = await makeQueue(sqs, name)
  const Attributes = { RawMessageDelivery: 'true' }
  const { SubscriptionArn } = await sns.send(new SubscribeCommand({ TopicArn, Protocol: 'sqs', Endpoint, Attributes }))
  return { SubscriptionArn: SubscriptionArn as string, came: () => bodies(sqs, url) }
}

async function clientOf(igarape: Igarape, RoleName: string): Promise<SNSClient> {
  const trust = { Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }
  const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] })
  const { Role } = await igarape.client(IAMClient).send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }))
  const assume = new AssumeRoleCommand({ RoleArn: Role?.Arn, RoleSessionName: 'session' })
  const { Credentials } = await igarape.client(STSClient).send(assume)
  return new SNSClient({
    ...igarape.clientSettings,
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken ?? '',
    },
  })
}

test('a policy is given back, is no attribute, and an empty one takes it away', async ({ igarape }) => {
  const document = policy([statement({ Deny: {} })])
  const { sns, TopicArn, publish } = await topicWith(igarape, document)
  const get = () => sns.send(new GetDataProtectionPolicyCommand({ ResourceArn: TopicArn }))
  const put = (DataProtectionPolicy: string) =>
    sns.send(new PutDataProtectionPolicyCommand({ ResourceArn: TopicArn, DataProtectionPolicy }))

  expect((await get()).DataProtectionPolicy).toBe(document)
  const { Attributes } = await sns.send(new GetTopicAttributesCommand({ TopicArn }))
  expect(Attributes).not.toHaveProperty('DataProtectionPolicy')
  const set = new SetTopicAttributesCommand({ TopicArn, AttributeName: 'DataProtectionPolicy', AttributeValue: '{}' })
  await expect(sns.send(set)).rejects.toMatchObject({ name: 'InvalidParameterException' })
  const again = (DataProtectionPolicy?: string) =>
    sns.send(new CreateTopicCommand({ Name: 'avisos', ...(DataProtectionPolicy && { DataProtectionPolicy }) }))
  expect((await again()).TopicArn).toBe(TopicArn)
  expect((await again(document)).TopicArn).toBe(TopicArn)
  await expect(again(policy([statement({ Deny: {} }, { Sid: 'x' })]))).rejects.toMatchObject({
    message: expect.stringContaining('already exists with different attributes'),
  })

  await put('')
  expect((await get()).DataProtectionPolicy).toBeUndefined()
  await publish(card)
})

test('what is denied is not published, alone or in a batch, and reaches nobody', async ({ igarape }) => {
  const { sns, TopicArn, publish } = await topicWith(igarape, policy([statement({ Deny: {} })]))
  const { came } = await subscribed(igarape, sns, TopicArn)

  const denied = { name: 'AuthorizationErrorException', $metadata: { httpStatusCode: 403 } }
  await expect(publish(`card ${card}`)).rejects.toMatchObject(denied)
  const structured = JSON.stringify({ default: 'nothing', sqs: `card \\u0034${card.slice(1)}` }).replace('\\\\u', '\\u')
  await expect(publish(structured, { MessageStructure: 'json' })).rejects.toMatchObject(denied)
  const { Successful, Failed } = await sns.send(
    new PublishBatchCommand({
      TopicArn,
      PublishBatchRequestEntries: [
        { Id: 'a', Message: card },
        { Id: 'b', Message: 'clean' },
      ],
    }),
  )

  expect(Successful?.map(({ Id }) => Id)).toEqual(['b'])
  expect(Failed).toMatchObject([{ Id: 'a', Code: 'AuthorizationError', SenderFault: true }])
  expect(await came()).toEqual(['clean'])
})

test('what comes in is masked or redacted before anybody gets it', async ({ igarape }) => {
  const mask = statement({ Deidentify: { MaskConfig: { MaskWithCharacter: '#' } } })
  const redact = statement({ Deidentify: { RedactConfig: {} } }, { DataIdentifier: ['EmployeeId'] })
  const Configuration = { CustomDataIdentifier: [{ Name: 'EmployeeId', Regex: 'EID-\\d{3}-BR' }] }
  const { sns, TopicArn, publish } = await topicWith(igarape, policy([mask, redact], { Configuration }))
  const { came } = await subscribed(igarape, sns, TopicArn)

  await publish(`card ${card} of EID-123-BR!`)
  await publish(JSON.stringify({ default: 'x', sqs: `to queues ${card}` }), { MessageStructure: 'json' })
  const whole = publish('EID-123-BR')

  await expect(whole).rejects.toMatchObject({ name: 'InvalidParameterException' })
  expect(await came()).toEqual([`card ${'#'.repeat(16)} of !`, `to queues ${'#'.repeat(16)}`])
})

test('only the principals of a statement are held to it: a role by its sessions', async ({ igarape }) => {
  const role = 'arn:aws:iam::000000000000:role/Publisher'
  const { TopicArn, publish } = await topicWith(igarape, policy([statement({ Deny: {} }, { Principal: [role] })]))
  const sns = await clientOf(igarape, 'Publisher')

  await publish(card)
  await expect(sns.send(new PublishCommand({ TopicArn, Message: card }))).rejects.toMatchObject({
    name: 'AuthorizationErrorException',
  })
  sns.destroy()
})

test('what goes out is kept from whoever subscribed, or hidden, and nobody else', async ({ igarape }) => {
  const of = (name: string) => ({
    DataDirection: 'Outbound',
    Principal: [`arn:aws:iam::000000000000:role/${name}`],
  })
  const deny = statement({ Deny: {} }, of('Denied'))
  const mask = statement({ Deidentify: { MaskConfig: {} } }, of('Masked'))
  const feedback = { SQSFailureFeedbackRoleArn: 'arn:aws:iam::000000000000:role/SNSLogs' }
  const { sns, TopicArn, publish } = await topicWith(igarape, policy([deny, mask]), feedback)
  const [denied, masked] = [await clientOf(igarape, 'Denied'), await clientOf(igarape, 'Masked')]
  const whole = await subscribed(igarape, sns, TopicArn, 'inteira')
  const none = await subscribed(igarape, denied, TopicArn, 'negada')
  const hidden = await subscribed(igarape, masked, TopicArn, 'oculta')

  const { MessageId } = await publish(`card ${card}`)
  await publish('clean')
  await igarape.settled()

  expect(await whole.came()).toEqual([`card ${card}`, 'clean'])
  expect(await none.came()).toEqual(['clean'])
  expect(await hidden.came()).toEqual([`card ${'*'.repeat(16)}`, 'clean'])
  const logGroupName = 'sns/us-east-1/000000000000/avisos/Failure'
  const { events = [] } = await igarape.client(CloudWatchLogsClient).send(new FilterLogEventsCommand({ logGroupName }))
  expect(events.map(({ message = '' }) => JSON.parse(message))).toMatchObject([
    {
      notification: { messageId: MessageId },
      delivery: {
        providerResponse: `The topic's data protection policy prohibits this message from being delivered to ${none.SubscriptionArn}`,
        attempts: 1,
        statusCode: 403,
      },
      status: 'FAILURE',
    },
  ])
  const asked = new GetSubscriptionAttributesCommand({ SubscriptionArn: none.SubscriptionArn })
  expect((await sns.send(asked)).Attributes?.SubscriptionPrincipal).toBe(
    'arn:aws:sts::000000000000:assumed-role/Denied/session',
  )
  denied.destroy()
  masked.destroy()
})

test('an audit tells what was found and where, in a log group and a bucket, and counts it', async ({ igarape }) => {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'achados' }))
  const FindingsDestination = {
    CloudWatchLogs: { LogGroup: '/aws/vendedlogs/achados' },
    S3: { Bucket: 'achados' },
  }
  const NoFindingsDestination = { CloudWatchLogs: { LogGroup: '/aws/vendedlogs/nada' } }
  const audit = statement({ Audit: { SampleRate: '99', FindingsDestination, NoFindingsDestination } })
  const mask = statement({ Deidentify: { MaskConfig: {} } })
  const { TopicArn, publish } = await topicWith(igarape, policy([audit, mask]))

  const text = `${card} and ${card}`
  const ids = new Set<string | undefined>()
  for (let sent = 0; sent < 40; sent++) ids.add((await publish(text)).MessageId)
  for (let sent = 0; sent < 40; sent++) await publish('clean')
  await igarape.settled()

  const logged = async (logGroupName: string) => {
    const logs = igarape.client(CloudWatchLogsClient)
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName }))
    return events.map(({ message = '' }) => JSON.parse(message))
  }
  const found = await logged('/aws/vendedlogs/achados')
  expect(found.length).toBeGreaterThan(20)
  expect(ids).toContain(found[0].messageId)
  expect(found[0]).toEqual({
    messageId: expect.any(String),
    auditTimestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    callerPrincipal: 'arn:aws:iam::000000000000:root',
    resourceArn: TopicArn,
    dataIdentifiers: [
      {
        name: 'CreditCardNumber',
        count: 2,
        detections: [
          { start: 0, end: 16 },
          { start: 21, end: 37 },
        ],
      },
    ],
  })
  expect((await logged('/aws/vendedlogs/nada'))[0]).toMatchObject({ dataIdentifiers: [] })
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: 'achados' }))
  expect(Contents).toHaveLength(found.length)
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'achados', Key: Contents[0]?.Key }))
  expect(JSON.parse((await Body?.transformToString()) ?? '')).toMatchObject({ resourceArn: TopicArn })
  const { Datapoints } = await igarape.client(CloudWatchClient).send(
    new GetMetricStatisticsCommand({
      Namespace: 'AWS/SNS',
      MetricName: 'MessagesWithFindings',
      Dimensions: [{ Name: 'TopicName', Value: 'avisos' }],
      StartTime: new Date(igarape.clock.now().getTime() - 3_600_000),
      EndTime: new Date(igarape.clock.now().getTime() + 3_600_000),
      Period: 7200,
      Statistics: ['Sum'],
    }),
  )
  expect(Datapoints?.reduce((sum, { Sum = 0 }) => sum + Sum, 0)).toBe(found.length)
})

const logs = (LogGroup: string) => ({ FindingsDestination: { CloudWatchLogs: { LogGroup } } })
const custom = (Name: string, Regex: string) => ({ Configuration: { CustomDataIdentifier: [{ Name, Regex }] } })
const deny = statement({ Deny: {} })

test.for<[string, string]>([
  ['no JSON', '{'],
  ['no statement', policy([])],
  ['no name', JSON.stringify({ Version: '2021-06-01', Statement: [deny] })],
  ['another version', policy([deny], { Version: '2012-10-17' })],
  ['two audits', policy([0, 1].map(() => statement({ Audit: { SampleRate: '9', FindingsDestination: {} } })))],
  ['two operations', policy([statement({ Deny: {}, Audit: {} })])],
  ['a rate of 100', policy([statement({ Audit: { SampleRate: '100', FindingsDestination: {} } })])],
  ['an audit without a destination', policy([statement({ Audit: { SampleRate: '9' } })])],
  ['another log group', policy([statement({ Audit: { SampleRate: '9', ...logs('/mine') } })])],
  ['no bucket', policy([statement({ Audit: { SampleRate: '9', FindingsDestination: { S3: { Bucket: 'none' } } } })])],
  [
    'an outbound audit',
    policy([statement({ Audit: { SampleRate: '9', ...logs('/aws/vendedlogs/a') } }, { DataDirection: 'Outbound' })]),
  ],
  ['another direction', policy([statement({ Deny: {} }, { DataDirection: 'Both' })])],
  ['no principal', policy([statement({ Deny: {} }, { Principal: [] })])],
  ['a member that is not known', policy([statement({ Deny: {} }, { NotPrincipal: ['*'] })])],
  ['a mask of two characters', policy([statement({ Deidentify: { MaskConfig: { MaskWithCharacter: '##' } } })])],
  ['a mask and a redaction', policy([statement({ Deidentify: { MaskConfig: {}, RedactConfig: {} } })])],
  ['an identifier of nobody', policy([statement({ Deny: {} }, { DataIdentifier: ['Mine'] })])],
  ['a long custom expression', policy([deny], custom('Mine', 'a'.repeat(201)))],
  ['a custom expression with groups', policy([deny], custom('Mine', '(a)'))],
  ['a custom name with signs', policy([deny], custom('My own', 'a'))],
  ['a custom name of a managed one', policy([deny], custom('EmailAddress', 'a'))],
  ['a long policy', policy([deny], { Description: 'x'.repeat(30_720) })],
])('a policy with %s is invalid', async ([, DataProtectionPolicy], { igarape }) => {
  const command = new CreateTopicCommand({ Name: 'avisos', DataProtectionPolicy })

  await expect(igarape.client(SNSClient).send(command)).rejects.toMatchObject({
    name: 'InvalidParameterException',
    message: expect.stringMatching(/^Invalid parameter: DataProtectionPolicy Reason: ./),
  })
})

test('a FIFO topic has none, and what is not here is refused by its name', async ({ igarape }) => {
  const sns = igarape.client(SNSClient)
  const make = (DataProtectionPolicy: string, more: object = {}) =>
    sns.send(new CreateTopicCommand({ Name: 'a', DataProtectionPolicy, ...more }))

  const fifo = make(policy([deny]), { Name: 'a.fifo', Attributes: { FifoTopic: 'true' } })
  await expect(fifo).rejects.toMatchObject({ name: 'InvalidParameterException' })
  const name = make(policy([statement({ Deny: {} }, { DataIdentifier: [identifier('Name')] })]))
  await expect(name).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('Name') })
  const FindingsDestination = { Firehose: { DeliveryStream: 's' } }
  const firehose = make(policy([statement({ Audit: { SampleRate: '9', FindingsDestination } })]))
  await expect(firehose).rejects.toMatchObject({ name: 'NotImplemented', message: expect.stringContaining('Firehose') })
})
