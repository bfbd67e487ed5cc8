/** Buses: their settings, their keys and dead-letter queues, and who may put events on them from where. */
import {
  CreateEventBusCommand,
  DescribeEventBusCommand,
  EventBridgeClient,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  type Target,
  UpdateEventBusCommand,
} from '@aws-sdk/client-eventbridge'
import { CreateKeyCommand, DisableKeyCommand, EnableKeyCommand, KMSClient } from '@aws-sdk/client-kms'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect, onTestFinished } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { deadLetters } from './destinations.ts'

const account = '000000000000'
const [partner, third] = ['111122223333', '444455556666']
const busArn = (name: string, owner = account, region = 'us-east-1') =>
  `arn:aws:events:${region}:${owner}:event-bus/${name}`
const queueArn = (name: string, owner = account, region = 'us-east-1') => `arn:aws:sqs:${region}:${owner}:${name}`
const sale = { Source: 'app', DetailType: 'sale', Detail: '{"id":7}' }

interface Place {
  events: EventBridgeClient
  sqs: SQSClient
}

/** Clients of an account in a region. */
function placeOf(igarape: Igarape, accessKeyId: string, region = 'us-east-1'): Place {
  const settings = { ...igarape.clientSettings, region, credentials: { accessKeyId, secretAccessKey: 'x' } }
  const place = { events: new EventBridgeClient(settings), sqs: new SQSClient(settings) }
  onTestFinished(() => {
    place.events.destroy()
    place.sqs.destroy()
  })
  return place
}

/** A rule `on` of the default bus for events of `app`. */
async function ruleTo({ events }: Place, Arn: string, more: Partial<Target> = {}): Promise<void> {
  await events.send(new PutRuleCommand({ Name: 'on', EventPattern: '{"source":["app"]}' }))
  await events.send(new PutTargetsCommand({ Rule: 'on', Targets: [{ Id: 't', Arn, ...more }] }))
}

const dead = { DeadLetterConfig: { Arn: queueArn('dead') } }

describe('a bus with a key', () => {
  test('takes custom events only while the key is enabled; else they go to its own dead-letter queue', async ({
    igarape,
  }) => {
    const [events, kms] = [igarape.client(EventBridgeClient), igarape.client(KMSClient)]
    await igarape.client(SQSClient).send(new CreateQueueCommand({ QueueName: 'dead' }))
    const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
    const KeyId = KeyMetadata?.KeyId ?? ''
    await events.send(new CreateEventBusCommand({ Name: 'sales', KmsKeyIdentifier: KeyId, ...dead }))
    const put = () => events.send(new PutEventsCommand({ Entries: [{ ...sale, EventBusName: 'sales' }] }))
    await put()
    await kms.send(new DisableKeyCommand({ KeyId }))
    const { Entries } = await put()
    await kms.send(new EnableKeyCommand({ KeyId }))
    await put()
    await igarape.settled()

    const letters = await deadLetters(igarape)
    expect(letters).toMatchObject([
      { EVENT_BUS_ARN: busArn('sales'), ERROR_CODE: 'NO_PERMISSIONS', ERROR_MESSAGE: `The key ${KeyId} is Disabled.` },
    ])
    expect(JSON.parse(letters[0]?.body ?? '')).toMatchObject({ id: Entries?.[0]?.EventId, detail: { id: 7 } })
  })

  test('must name one that is there', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const create = events.send(new CreateEventBusCommand({ Name: 'sales', KmsKeyIdentifier: 'alias/none' }))

    await expect(create).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

test('settings are kept, changed and shown; what has no effect here is refused by name', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  await events.send(new CreateEventBusCommand({ Name: 'sales', Description: 'first', ...dead }))
  const updated = await events.send(new UpdateEventBusCommand({ Name: 'sales', Description: 'second' }))
  expect(updated).toMatchObject({ Name: 'sales', Description: 'second', ...dead })
  expect(await events.send(new DescribeEventBusCommand({ Name: 'sales' }))).toMatchObject({
    Description: 'second',
    LastModifiedTime: expect.any(Date),
    ...dead,
  })

  const refused = (input: object) => events.send(new CreateEventBusCommand({ Name: 'other', ...input }))
  await expect(refused({ LogConfig: { Level: 'INFO' } })).rejects.toMatchObject({ name: 'NotImplemented' })
  const source = 'aws.partner/example.com/orders'
  await expect(refused({ Name: source, EventSourceName: source })).rejects.toMatchObject({ name: 'NotImplemented' })
  await expect(refused({ Name: 'a/b' })).rejects.toMatchObject({ name: 'ValidationException' })
  const fifo = { DeadLetterConfig: { Arn: queueArn('dead.fifo') } }
  await expect(refused(fifo)).rejects.toMatchObject({ name: 'ValidationException' })
})

describe('a policy', () => {
  const statement = (more: object) => ({
    Sid: 's',
    Effect: 'Allow',
    Principal: { AWS: `arn:aws:iam::${partner}:root` },
    Action: 'events:PutEvents',
    Resource: busArn('default'),
    ...more,
  })

  async function errorsUnder(igarape: Igarape, ...statements: object[]): Promise<(string | undefined)[]> {
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: statements })
    await igarape.client(EventBridgeClient).send(new PutPermissionCommand({ Policy }))
    const { events } = placeOf(igarape, partner)
    const Entries = ['app', 'other'].map((Source) => ({ ...sale, Source, EventBusName: busArn('default') }))
    const answer = await events.send(new PutEventsCommand({ Entries }))
    return answer.Entries?.map(({ ErrorCode }) => ErrorCode) ?? []
  }

  const denied = 'AccessDeniedException'
  test.for<[string, object[], (string | undefined)[]]>([
    ['of another account', [statement({ Principal: { AWS: third } })], [denied, denied]],
    ['of everyone', [statement({ Principal: '*' })], [undefined, undefined]],
    ['of another action', [statement({ Action: 'events:PutRule' })], [denied, denied]],
    ['of another bus', [statement({ Resource: busArn('sales') })], [denied, denied]],
    ['of one source', [statement({ Condition: { StringEquals: { 'events:source': 'app' } } })], [undefined, denied]],
    [
      'that denies a source',
      [statement({}), statement({ Sid: 'd', Effect: 'Deny', Condition: { StringLike: { 'events:source': 'o*' } } })],
      [undefined, denied],
    ],
    [
      'of an organization',
      [statement({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } })],
      [denied, denied],
    ],
  ])('%s lets in what it says', async ([, statements, errors], { igarape }) => {
    expect(await errorsUnder(igarape, ...statements)).toEqual(errors)
  })

  test('is put whole or by statement, and goes the same ways', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const sids = async () => {
      const { Policy = '{"Statement":[]}' } = await events.send(new DescribeEventBusCommand({}))
      return JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid)
    }
    const Policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement({}), statement({ Sid: 't' })] })
    await events.send(new PutPermissionCommand({ Policy }))
    await events.send(new PutPermissionCommand({ Action: 'events:PutEvents', Principal: '*', StatementId: 'u' }))
    expect(await sids()).toEqual(['s', 't', 'u'])
    await events.send(new RemovePermissionCommand({ StatementId: 't' }))
    expect(await sids()).toEqual(['s', 'u'])
    await expect(events.send(new RemovePermissionCommand({ StatementId: 't' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Statement with the provided id does not exist.',
    })
    await events.send(new RemovePermissionCommand({ RemoveAllPermissions: true }))
    expect(await sids()).toEqual([])

    for (const broken of ['{', '{"Statement":[]}', JSON.stringify({ Statement: [{ Effect: 'Allow' }] })]) {
      const put = events.send(new PutPermissionCommand({ Policy: broken }))
      await expect(put).rejects.toMatchObject({ name: 'ValidationException' })
    }
  })
})

describe('events on their way to other accounts and regions', () => {
  async function withDeadLetters(igarape: Igarape): Promise<Place> {
    const here = placeOf(igarape, account)
    await here.sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))
    return here
  }

  test('enter where the policy lets the rule in, and are dead letters where not', async ({ igarape }) => {
    const here = await withDeadLetters(igarape)
    const there = placeOf(igarape, partner)
    await there.sqs.send(new CreateQueueCommand({ QueueName: 'q' }))
    await ruleTo(there, queueArn('q', partner), dead)
    await ruleTo(here, busArn('default', partner), dead)
    await here.events.send(new PutEventsCommand({ Entries: [sale] }))
    expect(await deadLetters(igarape)).toMatchObject([
      { ERROR_CODE: 'NO_PERMISSIONS', TARGET_ARN: busArn('default', partner), RETRY_ATTEMPTS: '0' },
    ])

    const Condition = { ArnEquals: { 'aws:SourceArn': `arn:aws:events:us-east-1:${account}:rule/on` } }
    const Statement = {
      Effect: 'Allow',
      Principal: { AWS: account },
      Action: 'events:PutEvents',
      Resource: '*',
      Condition,
    }
    await there.events.send(new PutPermissionCommand({ Policy: JSON.stringify({ Statement }) }))
    await here.events.send(new PutEventsCommand({ Entries: [sale] }))
    const QueueUrl = `${igarape.endpoint}/${partner}/q`
    const { Messages = [] } = await there.sqs.send(new ReceiveMessageCommand({ QueueUrl }))
    expect(JSON.parse(Messages[0]?.Body ?? '')).toMatchObject({ account, source: 'app' })
  })

  test('are not sent on from a second account to a third', async ({ igarape }) => {
    const here = await withDeadLetters(igarape)
    const open = { Action: 'events:PutEvents', Principal: '*', StatementId: 'all' }
    const [second, last] = [placeOf(igarape, partner), placeOf(igarape, third)]
    for (const { events } of [second, last]) await events.send(new PutPermissionCommand(open))
    await ruleTo(second, busArn('default', third), dead)
    await ruleTo(here, busArn('default', partner), dead)
    await here.events.send(new PutEventsCommand({ Entries: [sale] }))

    expect(await deadLetters(igarape)).toMatchObject([{ ERROR_CODE: 'THIRD_ACCOUNT_HOP_DETECTED' }])
  })

  test('cross one border between regions, not two', async ({ igarape }) => {
    const here = await withDeadLetters(igarape)
    const second = placeOf(igarape, account, 'sa-east-1')
    await ruleTo(second, busArn('default', account, 'eu-west-1'), dead)
    await ruleTo(here, busArn('default', account, 'sa-east-1'), dead)
    await here.events.send(new PutEventsCommand({ Entries: [sale] }))

    expect(await deadLetters(igarape)).toMatchObject([
      { ERROR_CODE: 'THIRD_REGION_HOP_DETECTED', RULE_ARN: `arn:aws:events:sa-east-1:${account}:rule/on` },
    ])
  })
})
