/** Workflows and triggers: what starts jobs, and in which order. */
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  CreateJobCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  GetWorkflowRunCommand,
  GetWorkflowRunsCommand,
  GlueClient,
  StartWorkflowRunCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { CreateQueueCommand, ReceiveMessageCommand, SQSClient } from '@aws-sdk/client-sqs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

/** A workflow whose first job begins by `type`, and whose second follows when the first succeeded. */
async function twoSteps(igarape: Igarape, type: 'ON_DEMAND' | 'EVENT', first = 'print("one")') {
  const glue = igarape.client(GlueClient)
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (const [name, body] of [
    ['first', first],
    ['second', 'print("two")'],
  ] as const) {
    await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: `${name}.py`, Body: body }))
    await glue.send(
      new CreateJobCommand({
        Name: name,
        Role: 'glue',
        Command: { Name: 'pythonshell', ScriptLocation: `s3://lago/${name}.py` },
        ExecutionProperty: { MaxConcurrentRuns: 3 },
      }),
    )
  }
  await glue.send(new CreateWorkflowCommand({ Name: 'fluxo', DefaultRunProperties: { loja: '123' } }))
  await glue.send(
    new CreateTriggerCommand({ Name: 'begin', WorkflowName: 'fluxo', Type: type, Actions: [{ JobName: 'first' }] }),
  )
  await glue.send(
    new CreateTriggerCommand({
      Name: 'then',
      WorkflowName: 'fluxo',
      Type: 'CONDITIONAL',
      StartOnCreation: true,
      Predicate: { Conditions: [{ LogicalOperator: 'EQUALS', JobName: 'first', State: 'SUCCEEDED' }] },
      Actions: [{ JobName: 'second' }],
    }),
  )
  return glue
}

test('a workflow runs its jobs one after the other and is then complete', async ({ igarape }) => {
  const glue = await twoSteps(igarape, 'ON_DEMAND')

  const { RunId } = await glue.send(new StartWorkflowRunCommand({ Name: 'fluxo', RunProperties: { dia: '20' } }))
  await igarape.settled()

  const { Run } = await glue.send(new GetWorkflowRunCommand({ Name: 'fluxo', RunId, IncludeGraph: true }))
  expect(Run).toMatchObject({
    Status: 'COMPLETED',
    Statistics: { TotalActions: 2, SucceededActions: 2, FailedActions: 0 },
    WorkflowRunProperties: { loja: '123', dia: '20' },
  })
  expect(Run?.Graph?.Nodes?.map(({ UniqueId }) => UniqueId)).toEqual([
    'trigger/begin',
    'trigger/then',
    'job/first',
    'job/second',
  ])
})

test('what waits for success does not follow a failure', async ({ igarape }) => {
  const glue = await twoSteps(igarape, 'ON_DEMAND', 'raise SystemExit(1)')

  const { RunId } = await glue.send(new StartWorkflowRunCommand({ Name: 'fluxo' }))
  await igarape.settled()

  const { Run } = await glue.send(new GetWorkflowRunCommand({ Name: 'fluxo', RunId }))
  expect(Run).toMatchObject({ Status: 'COMPLETED', Statistics: { TotalActions: 1, FailedActions: 1 } })
})

test('an event starts a workflow and the end of its jobs is an event again', async ({ igarape }) => {
  const glue = await twoSteps(igarape, 'EVENT')
  const events = igarape.client(EventBridgeClient)
  const sqs = igarape.client(SQSClient)
  const Policy = JSON.stringify({
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sqs:SendMessage', Resource: '*' },
    ],
  })
  const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: 'estados', Attributes: { Policy } }))
  await events.send(new PutRuleCommand({ Name: 'vendas', EventPattern: '{"source":["loja"]}' }))
  const workflow = 'arn:aws:glue:us-east-1:000000000000:workflow/fluxo'
  const RoleArn = 'arn:aws:iam::000000000000:role/events'
  await events.send(new PutTargetsCommand({ Rule: 'vendas', Targets: [{ Id: 'w', Arn: workflow, RoleArn }] }))
  const pattern = '{"source":["aws.glue"],"detail":{"jobName":["second"]}}'
  await events.send(new PutRuleCommand({ Name: 'estados', EventPattern: pattern }))
  const queue = 'arn:aws:sqs:us-east-1:000000000000:estados'
  await events.send(new PutTargetsCommand({ Rule: 'estados', Targets: [{ Id: 'q', Arn: queue }] }))

  const put = { Source: 'loja', DetailType: 'arquivo-vendas-validado', Detail: '{}' }
  const { Entries } = await events.send(new PutEventsCommand({ Entries: [put] }))
  await igarape.settled()

  const { Runs } = await glue.send(new GetWorkflowRunsCommand({ Name: 'fluxo' }))
  expect(Runs).toMatchObject([
    { Status: 'COMPLETED', WorkflowRunProperties: { 'aws:eventIds': `[${Entries?.[0]?.EventId}]` } },
  ])
  const { Messages } = await sqs.send(new ReceiveMessageCommand({ QueueUrl }))
  expect(JSON.parse(Messages?.[0]?.Body ?? '{}')).toMatchObject({
    'detail-type': 'Glue Job State Change',
    detail: { jobName: 'second', severity: 'INFO', state: 'SUCCEEDED', message: 'Job run succeeded' },
  })
})
