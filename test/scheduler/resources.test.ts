/** AWS::Scheduler::* by CloudFormation: a group and its schedule are made, changed and deleted as a stack. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  GetScheduleCommand,
  GetScheduleGroupCommand,
  ListTagsForResourceCommand,
  SchedulerClient,
} from '@aws-sdk/client-scheduler'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { account, bodies, queueArn, role, scheduleArn, timeText } from './world.ts'

const template = (input: string) =>
  JSON.stringify({
    Resources: {
      Fila: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'fila' } },
      Grupo: {
        Type: 'AWS::Scheduler::ScheduleGroup',
        Properties: { Name: 'lojas', Tags: [{ Key: 'dono', Value: 'dados' }] },
      },
      Agenda: {
        Type: 'AWS::Scheduler::Schedule',
        Properties: {
          Name: 'agenda',
          GroupName: { Ref: 'Grupo' },
          ScheduleExpression: 'rate(1 hour)',
          FlexibleTimeWindow: { Mode: 'OFF' },
          EndDate: '2100-01-01T00:00:00.000Z',
          Target: {
            Arn: { 'Fn::GetAtt': ['Fila', 'Arn'] },
            RoleArn: role,
            Input: input,
            RetryPolicy: { MaximumRetryAttempts: '3' },
          },
        },
      },
    },
    Outputs: {
      Arn: { Value: { 'Fn::GetAtt': ['Agenda', 'Arn'] } },
      Grupo: { Value: { 'Fn::GetAtt': ['Grupo', 'Arn'] } },
      Nome: { Value: { Ref: 'Agenda' } },
    },
  })

test('a stack makes a group and a schedule in it, changes the schedule in place, and takes both away', async ({
  igarape,
}) => {
  const stacks = igarape.client(CloudFormationClient)
  const scheduler = igarape.client(SchedulerClient)
  const start = igarape.clock.now()
  await stacks.send(
    new CreateStackCommand({ StackName: 'pilha', TemplateBody: template('<aws.scheduler.scheduled-time>') }),
  )
  await igarape.settled()

  const { Stacks: [stack] = [] } = await stacks.send(new DescribeStacksCommand({ StackName: 'pilha' }))
  const groupArn = `arn:aws:scheduler:us-east-1:${account}:schedule-group/lojas`
  expect(stack?.Outputs?.map(({ OutputValue }) => OutputValue)).toEqual([
    scheduleArn('agenda', 'lojas'),
    groupArn,
    'agenda',
  ])
  const address = { Name: 'agenda', GroupName: 'lojas' }
  expect(await scheduler.send(new GetScheduleCommand(address))).toMatchObject({
    EndDate: new Date('2100-01-01T00:00:00Z'),
    Target: { Arn: queueArn('fila'), RetryPolicy: { MaximumRetryAttempts: 3, MaximumEventAgeInSeconds: 86_400 } },
  })
  const { Tags = [] } = await scheduler.send(new ListTagsForResourceCommand({ ResourceArn: groupArn }))
  expect(Tags).toContainEqual({ Key: 'dono', Value: 'dados' })
  expect(await bodies(igarape, 'fila')).toEqual([timeText(start)])

  await stacks.send(new UpdateStackCommand({ StackName: 'pilha', TemplateBody: template('novo') }))
  await igarape.settled()
  await igarape.clock.advance({ hours: 1 })
  expect(await bodies(igarape, 'fila')).toEqual(['novo'])

  await stacks.send(new DeleteStackCommand({ StackName: 'pilha' }))
  await igarape.settled()
  await expect(scheduler.send(new GetScheduleCommand(address))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
  await expect(scheduler.send(new GetScheduleGroupCommand({ Name: 'lojas' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})
