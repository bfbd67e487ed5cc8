/** Schedules and groups through the SDK: what is kept, listed, refused and how. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateScheduleCommand,
  CreateScheduleGroupCommand,
  DeleteScheduleCommand,
  DeleteScheduleGroupCommand,
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListScheduleGroupsCommand,
  ListSchedulesCommand,
  ListTagsForResourceCommand,
  SchedulerClient,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateScheduleCommand,
} from '@aws-sdk/client-scheduler'
import { describe, expect } from 'vitest'
import { scheduleCounts } from '../../src/services/scheduler/scheduleRecords.ts'
import { test } from '../fixture.ts'
import { account, queueArn, role, schedule, scheduleArn, scheduled } from './world.ts'

const groupArn = (name: string) => `arn:aws:scheduler:us-east-1:${account}:schedule-group/${name}`
const disabled = { State: 'DISABLED' } as const

describe('a schedule', () => {
  test('is given back as it was made, with AWS’s defaults', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    const made = await scheduler.send(new CreateScheduleCommand(scheduled(disabled)))

    expect(made.ScheduleArn).toBe(scheduleArn('agenda'))
    const { $metadata: _, ...kept } = await scheduler.send(new GetScheduleCommand({ Name: 'agenda' }))
    expect(kept).toEqual({
      Arn: scheduleArn('agenda'),
      Name: 'agenda',
      GroupName: 'default',
      State: 'DISABLED',
      ScheduleExpression: 'rate(1 minute)',
      ScheduleExpressionTimezone: 'UTC',
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'NONE',
      CreationDate: igarape.clock.now(),
      LastModificationDate: igarape.clock.now(),
      Target: {
        Arn: queueArn('fila'),
        RoleArn: role,
        Input: '<aws.scheduler.scheduled-time>',
        RetryPolicy: { MaximumEventAgeInSeconds: 86_400, MaximumRetryAttempts: 185 },
      },
    })
  })

  test('is changed as a whole: what an update leaves out takes its default', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    await schedule(igarape, { ...disabled, Description: 'lojas', ScheduleExpressionTimezone: 'America/Sao_Paulo' })
    const madeAt = igarape.clock.now()
    await igarape.clock.advance({ minutes: 1 })
    await scheduler.send(new UpdateScheduleCommand(scheduled({ ...disabled, ScheduleExpression: 'rate(2 days)' })))

    const changed = await scheduler.send(new GetScheduleCommand({ Name: 'agenda' }))
    expect(changed).toMatchObject({
      ScheduleExpression: 'rate(2 days)',
      ScheduleExpressionTimezone: 'UTC',
      CreationDate: madeAt,
      LastModificationDate: igarape.clock.now(),
    })
    expect(changed.Description).toBeUndefined()
  })

  test('is made once by a request that is repeated with its token, and conflicts with another', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    const request = scheduled({ ...disabled, ClientToken: 'um' })
    const first = await scheduler.send(new CreateScheduleCommand(request))
    const second = await scheduler.send(new CreateScheduleCommand(request))

    expect(second.ScheduleArn).toBe(first.ScheduleArn)
    await expect(scheduler.send(new CreateScheduleCommand({ ...request, ClientToken: 'dois' }))).rejects.toMatchObject({
      name: 'ConflictException',
      message: 'Schedule agenda already exists.',
      $metadata: { httpStatusCode: 409 },
    })
  })

  test('is not changed back by an update that is repeated with its token', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    await schedule(igarape, disabled)
    const update = scheduled({ ...disabled, Description: 'um', ClientToken: 'um' })
    await scheduler.send(new UpdateScheduleCommand(update))
    const { LastModificationDate } = await scheduler.send(new GetScheduleCommand({ Name: 'agenda' }))
    await igarape.clock.advance({ minutes: 1 })
    await scheduler.send(new UpdateScheduleCommand(update))

    const after = await scheduler.send(new GetScheduleCommand({ Name: 'agenda' }))
    expect(after.LastModificationDate).toEqual(LastModificationDate)
  })

  test('that is not there is not found, by any operation', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    const missing = { name: 'ResourceNotFoundException', message: 'Schedule agenda does not exist.' }

    await expect(scheduler.send(new GetScheduleCommand({ Name: 'agenda' }))).rejects.toMatchObject(missing)
    await expect(scheduler.send(new DeleteScheduleCommand({ Name: 'agenda' }))).rejects.toMatchObject(missing)
    await expect(scheduler.send(new UpdateScheduleCommand(scheduled()))).rejects.toMatchObject(missing)
    await expect(scheduler.send(new CreateScheduleCommand(scheduled({ GroupName: 'x' })))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule group x does not exist.',
    })
  })

  test('is listed by group, prefix and state, page by page', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    await scheduler.send(new CreateScheduleGroupCommand({ Name: 'lojas' }))
    for (const Name of ['a1', 'a2', 'b1']) await schedule(igarape, { ...disabled, Name })
    for (const Name of ['a0', 'a3'])
      await schedule(igarape, { ScheduleExpression: 'rate(9 days)', Name, GroupName: 'lojas' })
    const list = async (input: object) => {
      const names: string[] = []
      for (let NextToken: string | undefined, more = true; more; more = NextToken !== undefined) {
        const page = await scheduler.send(new ListSchedulesCommand({ MaxResults: 2, ...input, NextToken }))
        names.push(...(page.Schedules ?? []).map(({ GroupName, Name }) => `${GroupName}/${Name}`))
        NextToken = page.NextToken
      }
      return names
    }

    expect(await list({})).toEqual(['default/a1', 'default/a2', 'default/b1', 'lojas/a0', 'lojas/a3'])
    expect(await list({ NamePrefix: 'a' })).toEqual(['default/a1', 'default/a2', 'lojas/a0', 'lojas/a3'])
    expect(await list({ GroupName: 'lojas' })).toEqual(['lojas/a0', 'lojas/a3'])
    expect(await list({ State: 'ENABLED' })).toEqual(['lojas/a0', 'lojas/a3'])
    await expect(scheduler.send(new ListSchedulesCommand({ NextToken: 'x' }))).rejects.toThrow('Invalid NextToken.')
  })

  test('is one of ten million at most', async ({ igarape }) => {
    const scope = { account, region: 'us-east-1' }
    await igarape.server.platform.store.commit((tx) => tx.in(scheduleCounts, scope).put({ count: 9_999_999 }))
    await schedule(igarape, disabled)

    await expect(schedule(igarape, { ...disabled, Name: 'outra' })).rejects.toMatchObject({
      name: 'ServiceQuotaExceededException',
      $metadata: { httpStatusCode: 402 },
    })
    await igarape.client(SchedulerClient).send(new DeleteScheduleCommand({ Name: 'agenda' }))
    await schedule(igarape, { ...disabled, Name: 'outra' })
  })
})

describe('a request', () => {
  const refusals: [string, Parameters<typeof scheduled>[0], string][] = [
    ['a sub-minute rate', { ScheduleExpression: 'rate(30 seconds)' }, 'Invalid Schedule Expression rate(30 seconds).'],
    [
      'a cron of five fields',
      { ScheduleExpression: 'cron(0 3 * * *)' },
      'Invalid Schedule Expression cron(0 3 * * *).',
    ],
    [
      'a time with a zone',
      { ScheduleExpression: 'at(2030-01-01T00:00:00Z)' },
      'Invalid Schedule Expression at(2030-01-01T00:00:00Z).',
    ],
    [
      'a day that is none',
      { ScheduleExpression: 'at(2030-02-30T00:00:00)' },
      'Invalid Schedule Expression at(2030-02-30T00:00:00).',
    ],
    ['an unknown zone', { ScheduleExpressionTimezone: 'Mars/Base' }, 'Invalid ScheduleExpressionTimezone Mars/Base.'],
    [
      'a window that is off',
      { FlexibleTimeWindow: { Mode: 'OFF', MaximumWindowInMinutes: 5 } },
      'MaximumWindowInMinutes must not be provided when FlexibleTimeWindowMode is set to OFF.',
    ],
    [
      'a window without end',
      { FlexibleTimeWindow: { Mode: 'FLEXIBLE' } },
      'MaximumWindowInMinutes must be provided when FlexibleTimeWindowMode is set to FLEXIBLE.',
    ],
    [
      'an end before the start',
      { StartDate: new Date(4e12), EndDate: new Date(3.9e12) },
      'The StartDate you specify must come before the EndDate.',
    ],
    ['an old start', { StartDate: new Date(1e12) }, 'The StartDate you specify cannot be earlier than 5 minutes ago.'],
    [
      'a target of another service',
      { Target: { Arn: `arn:aws:rds:us-east-1:${account}:db:x` } },
      'rds is not a supported service for a target.',
    ],
    [
      'a target of another region',
      { Target: { Arn: `arn:aws:sqs:eu-west-1:${account}:fila` } },
      'The target ARN provided does not match the current region us-east-1.',
    ],
    [
      'a target that is no ARN',
      { Target: { Arn: 'fila' } },
      'Parameter fila is not valid. Reason: Provided Arn is not in correct format.',
    ],
    [
      'parameters of another target',
      { Target: { KinesisParameters: { PartitionKey: 'x' } } },
      'Parameters KinesisParameters not supported for the target.',
    ],
    [
      'a FIFO queue without group',
      { Target: { Arn: queueArn('fila.fifo') } },
      'Parameters SqsParameters must be specified.',
    ],
    [
      'a group without FIFO queue',
      { Target: { SqsParameters: { MessageGroupId: 'x' } } },
      'Parameters MessageGroupId not valid for the target.',
    ],
    [
      'a bus without parameters',
      { Target: { Arn: `arn:aws:events:us-east-1:${account}:event-bus/default`, Input: '{}' } },
      'Parameters EventBridgeParameters must be specified.',
    ],
    [
      'a function’s input that is no JSON',
      { Target: { Arn: `arn:aws:lambda:us-east-1:${account}:function:f`, Input: 'oi' } },
      'JSON syntax error in input for the target.',
    ],
    [
      'a universal target without input',
      { Target: { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:sendMessage', Input: undefined } },
      'You must provide an input to set this target for your schedule.',
    ],
    [
      'a universal target that reads',
      { Target: { Arn: 'arn:aws:scheduler:::aws-sdk:sqs:getQueueUrl', Input: '{}' } },
      'getQueueUrl API is not supported.',
    ],
    [
      'a universal target with a region',
      { Target: { Arn: `arn:aws:scheduler:us-east-1:${account}:aws-sdk:sqs:sendMessage`, Input: '{}' } },
      'scheduler is not a supported service for a target.',
    ],
    [
      'a window too long',
      { FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 1441 } },
      "1 validation error detected: Value '1441' at 'flexibleTimeWindow.maximumWindowInMinutes' failed to satisfy constraint: Member must have value less than or equal to 1440",
    ],
    [
      'too many retries',
      { Target: { RetryPolicy: { MaximumRetryAttempts: 186 } } },
      "1 validation error detected: Value '186' at 'target.retryPolicy.maximumRetryAttempts' failed to satisfy constraint: Member must have value less than or equal to 185",
    ],
    [
      'an age too short',
      { Target: { RetryPolicy: { MaximumEventAgeInSeconds: 59 } } },
      "1 validation error detected: Value '59' at 'target.retryPolicy.maximumEventAgeInSeconds' failed to satisfy constraint: Member must have value greater than or equal to 60",
    ],
    [
      'a FIFO queue for dead letters',
      { Target: { DeadLetterConfig: { Arn: queueArn('x.fifo') } } },
      `1 validation error detected: Value '${queueArn('x.fifo')}' at 'target.deadLetterConfig.arn' failed to satisfy constraint: Member must satisfy regular expression pattern: arn:aws[a-z-]*:sqs:[a-z0-9\\-]+:\\d{12}:[a-zA-Z0-9\\-_]+`,
    ],
  ]

  test.for(refusals)('with %s is refused in AWS’s words', async ([, input, message], { igarape }) => {
    await expect(schedule(igarape, input)).rejects.toMatchObject({ name: 'ValidationException', message })
  })

  test.for([
    `arn:aws:ecs:us-east-1:${account}:cluster/x`,
    `arn:aws:states:us-east-1:${account}:stateMachine:x`,
    `arn:aws:kinesis:us-east-1:${account}:stream/x`,
    'arn:aws:scheduler:::aws-sdk:ec2:stopInstances',
    'arn:aws:scheduler:::aws-sdk:glue:createDevEndpoint',
  ])('for %s is refused by name, for it is not here', async (Arn, { igarape }) => {
    await expect(schedule(igarape, { Target: { Arn, Input: '{}' } })).rejects.toMatchObject({
      name: 'NotImplemented',
      message: expect.stringContaining(Arn),
    })
  })
})

describe('the execution role', () => {
  const trust = (Service: string, SourceArn: string) => {
    const Condition = { ArnEquals: { 'aws:SourceArn': SourceArn }, StringEquals: { 'aws:SourceAccount': account } }
    const Statement = [{ Effect: 'Allow', Principal: { Service }, Action: 'sts:AssumeRole', Condition }]
    return JSON.stringify({ Version: '2012-10-17', Statement })
  }

  test.for([
    ['another service', trust('events.amazonaws.com', groupArn('default'))],
    ['another group', trust('scheduler.amazonaws.com', groupArn('lojas'))],
  ])('that only %s may assume is refused', async ([, AssumeRolePolicyDocument = ''], { igarape }) => {
    await igarape.client(IAMClient).send(new CreateRoleCommand({ RoleName: 'scheduler', AssumeRolePolicyDocument }))

    await expect(schedule(igarape, disabled)).rejects.toMatchObject({
      name: 'ValidationException',
      message: 'The execution role you provide must allow AWS EventBridge Scheduler to assume the role.',
    })
  })

  test('that trusts Scheduler for the group is taken', async ({ igarape }) => {
    const AssumeRolePolicyDocument = trust('scheduler.amazonaws.com', groupArn('default'))
    await igarape.client(IAMClient).send(new CreateRoleCommand({ RoleName: 'scheduler', AssumeRolePolicyDocument }))

    await expect(schedule(igarape, disabled)).resolves.toBeUndefined()
  })
})

describe('a group', () => {
  test('is made, tagged, listed and deleted with its schedules', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    const Tags = [{ Key: 'dono', Value: 'dados' }]
    const made = await scheduler.send(new CreateScheduleGroupCommand({ Name: 'lojas', Tags, ClientToken: 'um' }))
    expect(made.ScheduleGroupArn).toBe(groupArn('lojas'))
    await scheduler.send(new CreateScheduleGroupCommand({ Name: 'lojas', ClientToken: 'um' }))
    await expect(scheduler.send(new CreateScheduleGroupCommand({ Name: 'lojas' }))).rejects.toMatchObject({
      name: 'ConflictException',
      message: 'Schedule group lojas already exists.',
    })

    const ResourceArn = groupArn('lojas')
    await scheduler.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'custo', Value: '7' }] }))
    await scheduler.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['dono'] }))
    const tagged = await scheduler.send(new ListTagsForResourceCommand({ ResourceArn }))
    expect(tagged.Tags).toEqual([{ Key: 'custo', Value: '7' }])

    await schedule(igarape, { ...disabled, GroupName: 'lojas' })
    await schedule(igarape, disabled)
    const { ScheduleGroups = [] } = await scheduler.send(new ListScheduleGroupsCommand({}))
    expect(ScheduleGroups.map(({ Name, State }) => [Name, State])).toEqual([
      ['default', 'ACTIVE'],
      ['lojas', 'ACTIVE'],
    ])

    await scheduler.send(new DeleteScheduleGroupCommand({ Name: 'lojas' }))
    await igarape.settled()
    await expect(scheduler.send(new GetScheduleGroupCommand({ Name: 'lojas' }))).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
      message: 'Schedule group lojas does not exist.',
    })
    const { Schedules = [] } = await scheduler.send(new ListSchedulesCommand({}))
    expect(Schedules.map(({ Arn }) => Arn)).toEqual([scheduleArn('agenda')])
  })

  test('called default is there without being made, and cannot be deleted', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)

    expect(await scheduler.send(new GetScheduleGroupCommand({ Name: 'default' }))).toMatchObject({
      Arn: groupArn('default'),
      State: 'ACTIVE',
    })
    await expect(scheduler.send(new DeleteScheduleGroupCommand({ Name: 'default' }))).rejects.toMatchObject({
      name: 'ValidationException',
    })
  })

  test('has at most 50 tags, none of them twice', async ({ igarape }) => {
    const scheduler = igarape.client(SchedulerClient)
    const Tags = Array.from({ length: 51 }, (_, at) => ({ Key: `k${at}`, Value: 'v' }))

    await expect(scheduler.send(new CreateScheduleGroupCommand({ Name: 'lojas', Tags }))).rejects.toThrow('50 tags')
    const twice = [Tags[0], Tags[0]] as typeof Tags
    await expect(scheduler.send(new CreateScheduleGroupCommand({ Name: 'lojas', Tags: twice }))).rejects.toThrow(
      'Duplicate',
    )
  })
})
