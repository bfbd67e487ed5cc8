/** Triggers by themselves and in workflows: any of several conditions, the clock, batches of events, and their lists. */
import { EventBridgeClient, PutEventsCommand, PutRuleCommand, PutTargetsCommand } from '@aws-sdk/client-eventbridge'
import {
  BatchGetTriggersCommand,
  CreateJobCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  GetJobRunsCommand,
  GetWorkflowRunsCommand,
  GlueClient,
  ListTriggersCommand,
  StartTriggerCommand,
  StopTriggerCommand,
  UpdateTriggerCommand,
} from '@aws-sdk/client-glue'
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const scripts = { bom: 'print("bom")', ruim: 'raise SystemExit(1)', depois: 'print("depois")' }

async function jobs(igarape: Igarape): Promise<GlueClient> {
  const [glue, s3] = [igarape.client(GlueClient), igarape.client(S3Client)]
  await s3.send(new CreateBucketCommand({ Bucket: 'lago' }))
  for (const [Name, Body] of Object.entries(scripts)) {
    await s3.send(new PutObjectCommand({ Bucket: 'lago', Key: `${Name}.py`, Body }))
    const Command = { Name: 'pythonshell', ScriptLocation: `s3://lago/${Name}.py` }
    const ExecutionProperty = { MaxConcurrentRuns: 5 }
    await glue.send(new CreateJobCommand({ Name, Role: 'glue', Command, ExecutionProperty }))
  }
  return glue
}

const runsOf = async (glue: GlueClient, JobName: string) =>
  (await glue.send(new GetJobRunsCommand({ JobName }))).JobRuns ?? []

test('ANY fires once for each condition that comes true, and AND when all have', async ({ igarape }) => {
  const glue = await jobs(igarape)
  const start = { Name: 'begin', Type: 'ON_DEMAND' as const, Actions: [{ JobName: 'bom' }, { JobName: 'ruim' }] }
  await glue.send(new CreateTriggerCommand(start))
  const Conditions = [
    { LogicalOperator: 'EQUALS' as const, JobName: 'bom', State: 'SUCCEEDED' as const },
    { LogicalOperator: 'EQUALS' as const, JobName: 'ruim', State: 'FAILED' as const },
  ]
  for (const Logical of ['ANY', 'AND'] as const) {
    const Actions = [{ JobName: 'depois', Arguments: { '--por': Logical } }]
    const trigger = { Name: Logical, Type: 'CONDITIONAL' as const, StartOnCreation: true, Actions }
    await glue.send(new CreateTriggerCommand({ ...trigger, Predicate: { Logical, Conditions } }))
  }

  await glue.send(new StartTriggerCommand({ Name: 'begin' }))
  await igarape.settled()

  const causes = (await runsOf(glue, 'depois')).map(({ Arguments }) => Arguments?.['--por'])
  expect(causes.toSorted()).toEqual(['AND', 'ANY', 'ANY'])
})

test('a scheduled trigger fires at its times, also after it was changed, until it is stopped', async ({ igarape }) => {
  const glue = await jobs(igarape)
  const Name = 'relogio'
  const trigger = { Name, Type: 'SCHEDULED' as const, Schedule: 'cron(0 * * * ? *)', StartOnCreation: true }
  await glue.send(new CreateTriggerCommand({ ...trigger, Actions: [{ JobName: 'bom' }] }))
  await igarape.clock.advance({ hours: 2 })
  await igarape.settled()
  expect(await runsOf(glue, 'bom')).toHaveLength(2)

  await glue.send(new UpdateTriggerCommand({ Name, TriggerUpdate: { Schedule: 'cron(0/15 * * * ? *)' } }))
  await igarape.clock.advance({ hours: 1 })
  await igarape.settled()
  expect(await runsOf(glue, 'bom')).toHaveLength(6)

  await glue.send(new StopTriggerCommand({ Name }))
  await igarape.clock.advance({ hours: 1 })
  await igarape.settled()
  expect(await runsOf(glue, 'bom')).toHaveLength(6)
})

test('events are gathered until the batch is full or its window ends', async ({ igarape }) => {
  const glue = await jobs(igarape)
  const events = igarape.client(EventBridgeClient)
  await glue.send(new CreateWorkflowCommand({ Name: 'fluxo' }))
  const trigger = { Name: 'chegada', WorkflowName: 'fluxo', Type: 'EVENT' as const, Actions: [{ JobName: 'bom' }] }
  const EventBatchingCondition = { BatchSize: 3, BatchWindow: 60 }
  await glue.send(new CreateTriggerCommand({ ...trigger, EventBatchingCondition }))
  await events.send(new PutRuleCommand({ Name: 'vendas', EventPattern: '{"source":["loja"]}' }))
  const Arn = 'arn:aws:glue:us-east-1:000000000000:workflow/fluxo'
  const RoleArn = 'arn:aws:iam::000000000000:role/events'
  await events.send(new PutTargetsCommand({ Rule: 'vendas', Targets: [{ Id: 'w', Arn, RoleArn }] }))
  const put = async (count: number) => {
    const one = { Source: 'loja', DetailType: 'venda', Detail: '{}' }
    await events.send(new PutEventsCommand({ Entries: Array.from({ length: count }, () => one) }))
  }
  const sizes = async () => {
    const { Runs = [] } = await glue.send(new GetWorkflowRunsCommand({ Name: 'fluxo' }))
    return Runs.map(({ StartingEventBatchCondition }) => StartingEventBatchCondition?.BatchSize)
  }

  await put(4)
  await igarape.clock.advance({ seconds: 1 })
  await igarape.settled()
  expect(await sizes()).toEqual([3])
  await igarape.clock.advance({ seconds: 60 })
  await igarape.settled()
  expect(await sizes()).toEqual([1, 3])
})

test('triggers are listed by tag and by job, and got by name', async ({ igarape }) => {
  const glue = await jobs(igarape)
  const make = (Name: string, JobName: string, equipe: string) =>
    glue.send(new CreateTriggerCommand({ Name, Type: 'ON_DEMAND', Actions: [{ JobName }], Tags: { equipe } }))
  await make('um', 'bom', 'dados')
  await make('dois', 'ruim', 'dados')

  const byTag = await glue.send(new ListTriggersCommand({ Tags: { equipe: 'dados' } }))
  const byJob = await glue.send(new ListTriggersCommand({ DependentJobName: 'bom' }))
  const got = await glue.send(new BatchGetTriggersCommand({ TriggerNames: ['um', 'três'] }))
  expect(byTag.TriggerNames).toEqual(['dois', 'um'])
  expect(byJob.TriggerNames).toEqual(['um'])
  expect(got).toMatchObject({ Triggers: [{ Name: 'um', State: 'CREATED' }], TriggersNotFound: ['três'] })
  const both = new CreateTriggerCommand({
    Name: 'x',
    Type: 'ON_DEMAND',
    Actions: [{ JobName: 'bom', CrawlerName: 'outro' }],
  })
  await expect(glue.send(both)).rejects.toMatchObject({ name: 'InvalidInputException' })
})
