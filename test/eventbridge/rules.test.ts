/** Buses, rules, targets, permissions and tags through the SDK. */
import {
  CreateEventBusCommand,
  DeleteEventBusCommand,
  DeleteRuleCommand,
  DescribeEventBusCommand,
  DescribeRuleCommand,
  DisableRuleCommand,
  EventBridgeClient,
  ListEventBusesCommand,
  ListRuleNamesByTargetCommand,
  ListRulesCommand,
  ListTagsForResourceCommand,
  ListTargetsByRuleCommand,
  PutPermissionCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemovePermissionCommand,
  RemoveTargetsCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from '@aws-sdk/client-eventbridge'
import { describe, expect } from 'vitest'
import { test } from '../fixture.ts'

const pattern = JSON.stringify({ source: ['app.sales'] })
const logGroup = 'arn:aws:logs:us-east-1:000000000000:log-group:/events/all'

describe('buses', () => {
  test('the default bus is there without being made, and cannot be deleted', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)

    expect(await events.send(new DescribeEventBusCommand({}))).toMatchObject({
      Name: 'default',
      Arn: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
    })
    await expect(events.send(new DeleteEventBusCommand({ Name: 'default' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'Cannot delete event bus default.',
    })
  })

  test('a bus is made once, described, listed by prefix and deleted with its rules', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const made = await events.send(new CreateEventBusCommand({ Name: 'sales', Description: 'lojas' }))
    await events.send(new PutRuleCommand({ Name: 'r', EventBusName: 'sales', EventPattern: pattern }))

    expect(made.EventBusArn).toBe('arn:aws:events:us-east-1:000000000000:event-bus/sales')
    await expect(events.send(new CreateEventBusCommand({ Name: 'sales' }))).rejects.toMatchObject({
      name: 'ResourceAlreadyExistsException',
      message: 'Event bus sales already exists.',
    })
    expect((await events.send(new DescribeEventBusCommand({ Name: 'sales' }))).Description).toBe('lojas')
    const listed = await events.send(new ListEventBusesCommand({ NamePrefix: 'sa' }))
    expect(listed.EventBuses?.map(({ Name }) => Name)).toEqual(['sales'])
    await events.send(new DeleteEventBusCommand({ Name: 'sales' }))
    await expect(events.send(new ListRulesCommand({ EventBusName: 'sales' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Event bus sales does not exist.',
    })
  })

  test('permissions are kept as a policy and removed by their statement', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await events.send(
      new PutPermissionCommand({ Action: 'events:PutEvents', Principal: '111122223333', StatementId: 'partner' }),
    )

    const { Policy = '' } = await events.send(new DescribeEventBusCommand({}))
    expect(JSON.parse(Policy).Statement).toEqual([
      {
        Sid: 'partner',
        Effect: 'Allow',
        Principal: { AWS: 'arn:aws:iam::111122223333:root' },
        Action: 'events:PutEvents',
        Resource: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
      },
    ])
    await expect(events.send(new RemovePermissionCommand({ StatementId: 'other' }))).rejects.toMatchObject({
      message: 'Statement with the provided id does not exist.',
    })
    await events.send(new RemovePermissionCommand({ StatementId: 'partner' }))
    expect((await events.send(new DescribeEventBusCommand({}))).Policy).toBeUndefined()
  })
})

describe('rules', () => {
  test('a rule is described as it was put, and put again keeps its targets', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const { RuleArn } = await events.send(new PutRuleCommand({ Name: 'new-file', EventPattern: pattern }))
    await events.send(new PutTargetsCommand({ Rule: 'new-file', Targets: [{ Id: 'log', Arn: logGroup }] }))
    await events.send(new PutRuleCommand({ Name: 'new-file', EventPattern: pattern, Description: 'second' }))
    await events.send(new DisableRuleCommand({ Name: 'new-file' }))

    expect(RuleArn).toBe('arn:aws:events:us-east-1:000000000000:rule/new-file')
    expect(await events.send(new DescribeRuleCommand({ Name: 'new-file' }))).toMatchObject({
      Name: 'new-file',
      EventPattern: pattern,
      State: 'DISABLED',
      Description: 'second',
      EventBusName: 'default',
      CreatedBy: '000000000000',
    })
    expect((await events.send(new ListTargetsByRuleCommand({ Rule: 'new-file' }))).Targets).toEqual([
      { Id: 'log', Arn: logGroup },
    ])
    expect((await events.send(new ListRuleNamesByTargetCommand({ TargetArn: logGroup }))).RuleNames).toEqual([
      'new-file',
    ])
  })

  test('a rule with targets is not deleted, and a missing one is no error', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await events.send(new PutRuleCommand({ Name: 'kept', EventPattern: pattern }))
    await events.send(new PutTargetsCommand({ Rule: 'kept', Targets: [{ Id: 'log', Arn: logGroup }] }))

    await expect(events.send(new DeleteRuleCommand({ Name: 'kept' }))).rejects.toMatchObject({
      name: 'ValidationException',
      message: "Rule can't be deleted since it has targets.",
    })
    const removed = await events.send(new RemoveTargetsCommand({ Rule: 'kept', Ids: ['log', 'nope'] }))
    expect(removed.FailedEntries).toMatchObject([{ TargetId: 'nope', ErrorCode: 'ResourceNotFoundException' }])
    await events.send(new DeleteRuleCommand({ Name: 'kept' }))
    await events.send(new DeleteRuleCommand({ Name: 'kept' }))
    await expect(events.send(new DescribeRuleCommand({ Name: 'kept' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Rule kept does not exist on EventBus default.',
    })
  })

  test('rules are listed in pages', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    for (const Name of ['a1', 'a2', 'a3', 'b1']) await events.send(new PutRuleCommand({ Name, EventPattern: pattern }))

    const first = await events.send(new ListRulesCommand({ NamePrefix: 'a', Limit: 2 }))
    const second = await events.send(new ListRulesCommand({ NamePrefix: 'a', Limit: 2, NextToken: first.NextToken }))
    expect([first, second].map((page) => page.Rules?.map(({ Name }) => Name))).toEqual([['a1', 'a2'], ['a3']])
    expect(second.NextToken).toBeUndefined()
  })

  test.for([
    [{}, 'Parameter(s) EventPattern or ScheduleExpression must be specified.'],
    [{ ScheduleExpression: 'rate(5 minute)' }, 'Parameter ScheduleExpression is not valid.'],
    [{ EventPattern: '{"a":[]}' }, 'Event pattern is not valid. Reason: Empty arrays are not allowed'],
    [{ EventPattern: pattern, EventBusName: 'nope' }, 'Event bus nope does not exist.'],
  ] as const)('a rule that AWS would refuse is refused in its words: %j', async ([input, message], { igarape }) => {
    const events = igarape.client(EventBridgeClient)

    await expect(events.send(new PutRuleCommand({ Name: 'bad', ...input }))).rejects.toMatchObject({ message })
  })

  test('tags are put, listed and taken away', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    const { RuleArn } = await events.send(
      new PutRuleCommand({ Name: 'tagged', EventPattern: pattern, Tags: [{ Key: 'a', Value: '1' }] }),
    )
    await events.send(new TagResourceCommand({ ResourceARN: RuleArn, Tags: [{ Key: 'b', Value: '2' }] }))
    await events.send(new UntagResourceCommand({ ResourceARN: RuleArn, TagKeys: ['a'] }))

    expect((await events.send(new ListTagsForResourceCommand({ ResourceARN: RuleArn }))).Tags).toEqual([
      { Key: 'b', Value: '2' },
    ])
  })
})

describe('targets', () => {
  const machine = 'arn:aws:states:us-east-1:000000000000:stateMachine:m'
  const fifo = 'arn:aws:sqs:us-east-1:000000000000:q.fifo'
  test.for([
    [{ Arn: 'nonsense' }, 'Parameter nonsense is not valid. Reason: Provided Arn is not in correct format.'],
    [{ Arn: machine }, `The target ${machine} of an EventBridge rule (service states) is not implemented by Igarapé.`],
    [{ Arn: logGroup, Input: '{bad' }, 'JSON syntax error in input for target t.'],
    [
      { Arn: logGroup, Input: '{}', InputPath: '$' },
      'Only one of Input, InputPath, or InputTransformer must be provided for target t.',
    ],
    [{ Arn: logGroup, InputPath: 'detail' }, 'Invalid InputPath for target t.'],
    [
      { Arn: logGroup, InputTransformer: { InputPathsMap: { a: '$.a' }, InputTemplate: '"<b>"' } },
      'InputTemplate for target t contains invalid placeholder b.',
    ],
    [{ Arn: fifo }, 'Parameter(s) SqsParameters must be specified for target: t.'],
  ] as const)('a target that cannot work is refused: %j', async ([target, message], { igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await events.send(new PutRuleCommand({ Name: 'r', EventPattern: pattern }))

    const put = events.send(new PutTargetsCommand({ Rule: 'r', Targets: [{ Id: 't', ...target }] }))
    await expect(put).rejects.toMatchObject({ message })
  })

  test('a rule has at most five targets', async ({ igarape }) => {
    const events = igarape.client(EventBridgeClient)
    await events.send(new PutRuleCommand({ Name: 'r', EventPattern: pattern }))
    const targets = [1, 2, 3, 4, 5, 6].map((number) => ({ Id: `t${number}`, Arn: logGroup }))

    await expect(events.send(new PutTargetsCommand({ Rule: 'r', Targets: targets }))).rejects.toMatchObject({
      name: 'LimitExceededException',
    })
  })
})
