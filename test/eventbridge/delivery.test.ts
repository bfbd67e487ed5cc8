/** From an event to its targets: what they are sent, when it does not arrive, other buses, schedules. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  FilterLogEventsCommand,
  PutResourcePolicyCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import {
  CreateEventBusCommand,
  DisableRuleCommand,
  EventBridgeClient,
  type InputTransformer,
  PutEventsCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  type Target,
} from '@aws-sdk/client-eventbridge'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { describe, expect } from 'vitest'
import { eventRouter } from '../../src/services/eventbridge/routing.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const account = '000000000000'
const logArn = (name: string) => `arn:aws:logs:us-east-1:${account}:log-group:${name}`
const queueArn = (name: string) => `arn:aws:sqs:us-east-1:${account}:${name}`
const busArn = (name: string, owner = account) => `arn:aws:events:us-east-1:${owner}:event-bus/${name}`
const sale = { Source: 'app.sales', DetailType: 'file', Detail: '{"key":"in/a.csv","size":1.0,"tags":["x","y"]}' }

async function rule(igarape: Igarape, Name: string, targets: Omit<Target, 'Id'>[], input: object = {}): Promise<void> {
  const events = igarape.client(EventBridgeClient)
  const EventPattern = JSON.stringify({ source: ['app.sales'] })
  await events.send(new PutRuleCommand({ Name, EventPattern, ...input }))
  const bus = (input as { EventBusName?: string }).EventBusName
  const Targets = targets.map((target, at) => ({ Id: `t${at}`, ...target }) as Target)
  await events.send(new PutTargetsCommand({ Rule: Name, Targets, EventBusName: bus }))
}

async function logGroup(igarape: Igarape, logGroupName: string): Promise<void> {
  await igarape.client(CloudWatchLogsClient).send(new CreateLogGroupCommand({ logGroupName }))
}

async function logged(igarape: Igarape, logGroupName: string): Promise<string[]> {
  await igarape.settled()
  const { events = [] } = await igarape.client(CloudWatchLogsClient).send(new FilterLogEventsCommand({ logGroupName }))
  return events.map(({ message }) => String(message))
}

async function put(igarape: Igarape, ...Entries: object[]) {
  const { Entries: results = [] } = await igarape
    .client(EventBridgeClient)
    .send(new PutEventsCommand({ Entries: Entries.map((entry) => ({ ...sale, ...entry })) }))
  return results
}

describe('what a target is sent', () => {
  test('the whole event, numbers as they were written', async ({ igarape }) => {
    await logGroup(igarape, '/all')
    await rule(igarape, 'all', [{ Arn: logArn('/all') }])
    const [result] = await put(igarape, { Time: new Date('2025-10-20T08:00:00Z'), Resources: ['arn:r'] })

    expect(await logged(igarape, '/all')).toEqual([
      `{"version":"0","id":"${result?.EventId}","detail-type":"file","source":"app.sales","account":"000000000000",` +
        `"time":"2025-10-20T08:00:00Z","region":"us-east-1","resources":["arn:r"],` +
        `"detail":{"key":"in/a.csv","size":1.0,"tags":["x","y"]}}`,
    ])
  })

  const paths = { key: '$.detail.key', tags: '$.detail.tags', size: '$.detail.size', none: '$.detail.none' }
  test.for<[string, { Input?: string; InputPath?: string; InputTransformer?: InputTransformer }, string]>([
    ['fixed JSON', { Input: '{"fixed":true}' }, '{"fixed":true}'],
    ['a part', { InputPath: '$.detail.tags[1]' }, '"y"'],
    [
      'JSON with values',
      template('{"k": <key>, "t": <tags>, "s": <size>}'),
      '{"k": "in/a.csv", "t": ["x","y"], "s": 1.0}',
    ],
    ['a text', template('"File <key> of <size> bytes"'), '"File in/a.csv of 1.0 bytes"'],
    ['texts in JSON', template('{"m": "<key>: <tags>"}'), '{"m": "in/a.csv: [x,y]"}'],
    ['nothing found', template('{"n": <none>, "m": "[<none>]"}'), '{"n": "", "m": "[]"}'],
    [
      'reserved names',
      template('"<aws.events.rule-name> <aws.events.rule-arn>"'),
      `"shaped arn:aws:events:us-east-1:${account}:rule/shaped"`,
    ],
  ])('%s', async ([, shape, wanted], { igarape }) => {
    await logGroup(igarape, '/shaped')
    await rule(igarape, 'shaped', [{ Arn: logArn('/shaped'), ...shape }])
    await put(igarape, {})

    expect(await logged(igarape, '/shaped')).toEqual([wanted])
  })

  test('a log group takes its time from a template that names it, as milliseconds or as events write it', async ({
    igarape,
  }) => {
    await logGroup(igarape, '/timed')
    for (const [name, path] of Object.entries({ iso: '$.time', millis: '$.detail.at' })) {
      const InputTransformer = {
        InputPathsMap: { at: path },
        InputTemplate: `{"timestamp": <at>, "message": "${name}"}`,
      }
      await rule(igarape, name, [{ Arn: logArn('/timed'), InputTransformer }])
    }
    const time = new Date('2026-11-01T08:00:00Z')
    await put(igarape, { Time: time, Detail: `{"at":${time.getTime()}}` })
    await igarape.settled()

    const logs = igarape.client(CloudWatchLogsClient)
    const { events = [] } = await logs.send(new FilterLogEventsCommand({ logGroupName: '/timed' }))
    expect(events.map(({ message }) => message).sort()).toEqual(['iso', 'millis'])
    expect(events.map(({ timestamp }) => timestamp)).toEqual([time.getTime(), time.getTime()])
  })

  test('the event within a template, with and without its detail', async ({ igarape }) => {
    await logGroup(igarape, '/shaped')
    const { InputTransformer } = template('{"all": <aws.events.event.json>, "head": <aws.events.event>}')
    await rule(igarape, 'shaped', [{ Arn: logArn('/shaped'), InputTransformer }])
    await put(igarape, {})

    const { all, head } = JSON.parse((await logged(igarape, '/shaped'))[0] ?? '')
    const { detail, ...rest } = all
    expect(detail.key).toBe('in/a.csv')
    expect(head).toEqual(rest)
  })

  function template(InputTemplate: string): { InputTransformer: InputTransformer } {
    return { InputTransformer: { InputPathsMap: paths, InputTemplate } }
  }
})

describe('rules', () => {
  test('a disabled or changed rule counts from its very commit on', async ({ igarape }) => {
    await logGroup(igarape, '/r')
    await rule(igarape, 'r', [{ Arn: logArn('/r'), InputPath: '$.detail.n' }])
    await put(igarape, { Detail: '{"n":1}' })
    await igarape.client(EventBridgeClient).send(new DisableRuleCommand({ Name: 'r' }))
    await put(igarape, { Detail: '{"n":2}' })
    await rule(igarape, 'r', [{ Arn: logArn('/r'), InputPath: '$.detail.n' }], {
      EventPattern: '{"detail":{"n":[{"numeric":[">",3]}]}}',
    })
    await put(igarape, { Detail: '{"n":3}' }, { Detail: '{"n":4}' })

    expect(await logged(igarape, '/r')).toEqual(['1', '4'])
  })

  test('a reset leaves no compiled rule behind', async ({ igarape }) => {
    await rule(igarape, 'r', [{ Arn: logArn('/r') }])
    await put(igarape, {})
    await igarape.reset()
    await logGroup(igarape, '/r')
    await put(igarape, {})

    expect(await logged(igarape, '/r')).toEqual([])
  })

  test('a rule that was rolled back is never matched', async ({ igarape }) => {
    await logGroup(igarape, '/r')
    await rule(igarape, 'r', [{ Arn: logArn('/r'), InputPath: '$.detail.n' }])
    await put(igarape, { Detail: '{"n":1}' })
    const { platform } = igarape.server
    const ctx = platform.context({ account, region: 'us-east-1' })
    const failed = ctx.commit((tx) => {
      platform.use(eventRouter).ruleChanged(tx, { bus: 'default', name: 'r' })
      tx.emit({ source: 'app.sales', 'detail-type': 'file', detail: { n: 2 } })
      throw new Error('undone')
    })

    await expect(failed).rejects.toThrow('undone')
    await put(igarape, { Detail: '{"n":3}' })
    expect(await logged(igarape, '/r')).toEqual(['1', '3'])
  })
})

describe('what does not arrive', () => {
  test('goes to the dead-letter queue with the attributes of its failure', async ({ igarape }) => {
    const sqs = igarape.client(SQSClient)
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'dead' }))
    await logGroup(igarape, '/gone')
    await rule(igarape, 'gone', [{ Arn: logArn('/gone'), DeadLetterConfig: { Arn: queueArn('dead') } }])
    await igarape.client(CloudWatchLogsClient).send(new DeleteLogGroupCommand({ logGroupName: '/gone' }))
    await put(igarape, {})
    await igarape.settled()

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MessageAttributeNames: ['All'] }))
    expect(JSON.parse(Messages?.[0]?.Body ?? '')).toMatchObject({ source: 'app.sales' })
    const attributes = Object.entries(Messages?.[0]?.MessageAttributes ?? {})
    expect(Object.fromEntries(attributes.map(([name, value]) => [name, value.StringValue]))).toMatchObject({
      RULE_ARN: `arn:aws:events:us-east-1:${account}:rule/gone`,
      TARGET_ARN: logArn('/gone'),
      ERROR_CODE: 'NO_RESOURCE',
      RETRY_ATTEMPTS: '0',
    })
  })

  test('a log group whose policy names another sender refuses', async ({ igarape }) => {
    const logs = igarape.client(CloudWatchLogsClient)
    const policy = (service: string) =>
      new PutResourcePolicyCommand({
        policyName: 'p',
        policyDocument: JSON.stringify({
          Statement: {
            Effect: 'Allow',
            Principal: { Service: service },
            Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
            Resource: `${logArn('/guarded')}:*`,
          },
        }),
      })
    await logGroup(igarape, '/guarded')
    await rule(igarape, 'r', [{ Arn: logArn('/guarded'), InputPath: '$.detail.n' }])
    await logs.send(policy('delivery.logs.amazonaws.com'))
    await put(igarape, { Detail: '{"n":1}' })
    await logs.send(policy('events.amazonaws.com'))
    await put(igarape, { Detail: '{"n":2}' })

    expect(await logged(igarape, '/guarded')).toEqual(['2'])
  })

  test('a FIFO queue gets its message group', async ({ igarape }) => {
    const sqs = igarape.client(SQSClient)
    const Attributes = { FifoQueue: 'true', ContentBasedDeduplication: 'true' }
    const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'q.fifo', Attributes }))
    await rule(igarape, 'fifo', [{ Arn: queueArn('q.fifo'), SqsParameters: { MessageGroupId: 'sales' } }])
    await put(igarape, {})
    await igarape.settled()

    const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, AttributeNames: ['All'] }))
    expect(Messages?.[0]?.Attributes?.MessageGroupId).toBe('sales')
  })
})

describe('other buses', () => {
  test('an event goes from bus to bus, its account and id the same', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await events.send(new CreateEventBusCommand({ Name: 'sales' }))
    await logGroup(igarape, '/far')
    await rule(igarape, 'on', [{ Arn: busArn('sales') }])
    await rule(igarape, 'far', [{ Arn: logArn('/far'), InputPath: '$.id' }], { EventBusName: 'sales' })
    const [result] = await put(igarape, {})

    expect(await logged(igarape, '/far')).toEqual([JSON.stringify(result?.EventId)])
  })

  test('a cycle of rules ends', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await events.send(new CreateEventBusCommand({ Name: 'other' }))
    await logGroup(igarape, '/round')
    await rule(igarape, 'there', [{ Arn: busArn('other') }])
    await rule(igarape, 'back', [{ Arn: busArn('default') }, { Arn: logArn('/round'), InputPath: '$.source' }], {
      EventBusName: 'other',
    })
    await put(igarape, {})

    expect((await logged(igarape, '/round')).length).toBeLessThanOrEqual(32)
  })

  test('another account puts events only where the policy lets it', async ({ igarape }) => {
    const partner = '111122223333'
    const settings = { ...igarape.clientSettings, credentials: { accessKeyId: partner, secretAccessKey: 'x' } }
    const other = new EventBridgeClient(settings)
    await logGroup(igarape, '/all')
    await rule(igarape, 'all', [{ Arn: logArn('/all'), InputPath: '$.account' }])
    const send = () => other.send(new PutEventsCommand({ Entries: [{ ...sale, EventBusName: busArn('default') }] }))

    expect((await send()).Entries?.[0]?.ErrorCode).toBe('AccessDeniedException')
    const grant = { Action: 'events:PutEvents', Principal: partner, StatementId: 'p' }
    await igarape.client(EventBridgeClient).send(new PutPermissionCommand(grant))
    expect((await send()).FailedEntryCount).toBe(0)
    other.destroy()
    expect(await logged(igarape, '/all')).toEqual([`"${partner}"`])
  })
})

describe('schedules', () => {
  test('a rate fires at each of its times, to its own targets only', async ({ igarape }) => {
    await logGroup(igarape, '/tick')
    await logGroup(igarape, '/others')
    const schedule = { EventPattern: undefined, ScheduleExpression: 'rate(10 minutes)' }
    await rule(igarape, 'others', [{ Arn: logArn('/others') }], { EventPattern: '{"source":["aws.events"]}' })
    await rule(igarape, 'tick', [{ Arn: logArn('/tick') }], schedule)
    const start = igarape.clock.now().getTime()
    await igarape.clock.advance({ minutes: 35 })

    const ticks = (await logged(igarape, '/tick')).map((message) => JSON.parse(message))
    const time = (minutes: number) => `${new Date(start + minutes * 60_000).toISOString().slice(0, 19)}Z`
    expect(ticks.map((tick) => tick.time)).toEqual([time(10), time(20), time(30)])
    expect(ticks[0]).toMatchObject({
      source: 'aws.events',
      'detail-type': 'Scheduled Event',
      resources: [`arn:aws:events:us-east-1:${account}:rule/tick`],
      detail: {},
    })
    expect(await logged(igarape, '/others')).toEqual([])
  })

  test('a cron fires by the calendar, and a disabled one does not', async ({ igarape }) => {
    await logGroup(igarape, '/cron')
    const schedule = { EventPattern: undefined, ScheduleExpression: 'cron(30 6 * * ? *)' }
    await rule(igarape, 'cron', [{ Arn: logArn('/cron'), InputPath: '$.time' }], schedule)
    await igarape.clock.advance({ days: 2 })
    expect((await logged(igarape, '/cron')).map((time) => time.slice(12, 18))).toEqual(['06:30:', '06:30:'])

    await igarape.client(EventBridgeClient).send(new DisableRuleCommand({ Name: 'cron' }))
    await igarape.clock.advance({ days: 2 })
    expect(await logged(igarape, '/cron')).toHaveLength(2)
  })
})
