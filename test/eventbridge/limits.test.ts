/** What is too much, too long, of the wrong kind or of another page is refused, and named. */
import {
  CreateEventBusCommand,
  EventBridgeClient,
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  TagResourceCommand,
  type Target,
} from '@aws-sdk/client-eventbridge'
import { DescribeStatementCommand, ListStatementsCommand, RedshiftDataClient } from '@aws-sdk/client-redshift-data'
import { describe, expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { putEvents } from './destinations.ts'

const pattern = '{"source":["app"]}'
const logGroup = 'arn:aws:logs:us-east-1:000000000000:log-group:/all'
const aws = (service: string, resource: string) => `arn:aws:${service}:us-east-1:000000000000:${resource}`

async function putTarget(igarape: Igarape, target: Partial<Target>): Promise<unknown> {
  const events = igarape.client(EventBridgeClient)
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern: pattern }))
  return await events.send(new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 't', Arn: logGroup, ...target }] }))
}

describe('a list', () => {
  const lists = {
    ListEventBuses: (page: object) => new ListEventBusesCommand(page),
    ListRules: (page: object) => new ListRulesCommand(page),
    ListTargetsByRule: (page: object) => new ListTargetsByRuleCommand({ Rule: 'r', ...page }),
    ListRuleNamesByTarget: (page: object) => new ListRuleNamesByTargetCommand({ TargetArn: logGroup, ...page }),
    ListConnections: (page: object) => new ListConnectionsCommand(page),
    ListApiDestinations: (page: object) => new ListApiDestinationsCommand(page),
  }

  test.for(Object.entries(lists))(
    '%s refuses a token of another hand, and pages of no or too many',
    async ([, list], { igarape }) => {
      const events = igarape.client(EventBridgeClient)
      await events.send(new PutRuleCommand({ Name: 'r', EventPattern: pattern }))
      for (const page of [{ NextToken: 'nonsense' }, { Limit: 0 }, { Limit: 101 }]) {
        await expect(events.send(list(page) as ListRulesCommand)).rejects.toMatchObject({ name: 'ValidationException' })
      }
      expect(await events.send(list({ Limit: 100 }) as ListRulesCommand)).toBeDefined()
    },
  )
})

describe('a target', () => {
  test.for([
    ['kinesis', 'stream/s'],
    ['firehose', 'deliverystream/d'],
    ['states', 'stateMachine:m'],
    ['ecs', 'cluster/c'],
    ['batch', 'job-queue/q'],
    ['ssm', 'document/d'],
    ['codebuild', 'project/p'],
    ['codepipeline', 'p'],
    ['execute-api', 'id/stage/POST/'],
    ['sagemaker', 'pipeline/p'],
    ['appsync', 'endpoints/graphql-api/a'],
    ['glue', 'job/j'],
  ] as const)('of %s (%s) is refused by name until it exists', async ([service, resource], { igarape }) => {
    const Arn = aws(service, resource)

    await expect(putTarget(igarape, { Arn, RoleArn: 'arn:aws:iam::000000000000:role/r' })).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining(Arn),
    })
  })

  const paths = Object.fromEntries(Array.from({ length: 101 }, (_, at) => [`p${at}`, '$.detail']))
  test.for<[string, Partial<Target>]>([
    ['more than a hundred paths', { InputTransformer: { InputPathsMap: paths, InputTemplate: '"x"' } }],
    ['a template of more than 8,192 characters', { InputTransformer: { InputTemplate: `"${'x'.repeat(8_192)}"` } }],
    ['fixed JSON of more than 8,192 characters', { Input: JSON.stringify('x'.repeat(8_192)) }],
    ['a reserved name', { InputTransformer: { InputPathsMap: { AWSname: '$.id' }, InputTemplate: '"x"' } }],
    ['a path of more than 256 characters', { InputPath: `$.${'x'.repeat(256)}` }],
    ['a dead-letter queue that is none', { DeadLetterConfig: { Arn: logGroup } }],
    ['a FIFO dead-letter queue', { DeadLetterConfig: { Arn: aws('sqs', 'dead.fifo') } }],
    ['parameters of another kind', { HttpParameters: { HeaderParameters: { a: 'b' } } }],
    ['a queue’s parameters', { SqsParameters: { MessageGroupId: 'g' } }],
    [
      'a header that is none',
      { Arn: aws('events', 'api-destination/a/b'), HttpParameters: { HeaderParameters: { 'a b': 'c' } } },
    ],
  ])('with %s is refused', async ([, target], { igarape }) => {
    await expect(putTarget(igarape, target)).rejects.toMatchObject({ name: 'ValidationException' })
  })
})

test('a resource has at most fifty tags, and a policy 10,240 characters', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const Tags = Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: 'v' }))
  const ResourceARN = aws('events', 'event-bus/default')
  await expect(events.send(new TagResourceCommand({ ResourceARN, Tags }))).rejects.toMatchObject({
    name: 'ValidationException',
  })

  const statement = (Sid: string) => ({
    Sid,
    Effect: 'Allow',
    Principal: '*',
    Action: 'events:PutEvents',
    Resource: ResourceARN,
  })
  const Policy = JSON.stringify({ Statement: Array.from({ length: 100 }, (_, at) => statement(`s${at}`)) })
  await expect(events.send(new PutPermissionCommand({ Policy }))).rejects.toMatchObject({
    name: 'PolicyLengthExceededException',
  })
})

test('a statement of Redshift is filled from the event where it is a path', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const redshift = igarape.client(RedshiftDataClient)
  await events.send(new PutRuleCommand({ Name: 'r', EventPattern: pattern }))
  const RedshiftDataParameters = { Database: 'dev', Sql: '$.detail.sql', StatementName: 'from-event' }
  const Arn = aws('redshift-serverless', 'workgroup/loja')
  await events.send(new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 't', Arn, RedshiftDataParameters }] }))
  await putEvents(igarape, { sql: 'SELECT 42' })
  await igarape.settled()

  const { Statements = [] } = await redshift.send(new ListStatementsCommand({ Status: 'ALL' }))
  const described = await redshift.send(new DescribeStatementCommand({ Id: Statements[0]?.Id }))
  expect(described.QueryString).toBe('SELECT 42')
})

test('a permission is to put events, under no condition but of an organization', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const permission = { Action: 'events:PutEvents', Principal: '111122223333', StatementId: 's' }
  const organization = { Type: 'StringEquals', Key: 'aws:PrincipalOrgID', Value: 'o-1234567890' }

  for (const [wrong, parameter] of [
    [{ Action: 'events:PutRule' }, 'action'],
    [{ Condition: { ...organization, Type: 'StringLike' } }, 'condition'],
    [{ Condition: { ...organization, Key: 'aws:SourceAccount' } }, 'condition'],
  ] as const) {
    await expect(events.send(new PutPermissionCommand({ ...permission, ...wrong }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: `Provided value in parameter '${parameter}' is not supported.`,
    })
  }
  await events.send(new PutPermissionCommand({ ...permission, Principal: '*', Condition: organization }))
})

test('keys of AWS and keys given twice are no tags, of rules and of buses', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const { RuleArn = '' } = await events.send(new PutRuleCommand({ Name: 'r', EventPattern: pattern }))

  for (const keys of [['aws:x'], ['k', 'k']]) {
    const Tags = keys.map((Key) => ({ Key, Value: 'v' }))
    for (const refused of [
      events.send(new TagResourceCommand({ ResourceARN: RuleArn, Tags })),
      events.send(new PutRuleCommand({ Name: 'other', EventPattern: pattern, Tags })),
      events.send(new CreateEventBusCommand({ Name: 'b', Tags })),
    ]) {
      await expect(refused).rejects.toMatchObject({ name: 'ValidationException' })
    }
  }
})
