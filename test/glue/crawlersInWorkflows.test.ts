/** Triggers start crawlers and wait for them, alone and in workflows, beside jobs. */
import {
  CreateCrawlerCommand,
  CreateJobCommand,
  CreateTriggerCommand,
  CreateWorkflowCommand,
  GetJobRunsCommand,
  GetWorkflowRunCommand,
  type GlueClient,
  ListCrawlsCommand,
  ResumeWorkflowRunCommand,
  StartTriggerCommand,
  StartWorkflowRunCommand,
} from '@aws-sdk/client-glue'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { lakeOfFiles } from './lakeOfFiles.ts'

async function crawler(glue: GlueClient, Name: string, path: string): Promise<void> {
  const Targets = { S3Targets: [{ Path: `s3://${path}` }] }
  await glue.send(new CreateCrawlerCommand({ Name, Role: 'glue', DatabaseName: 'lago', Targets }))
}

async function job(glue: GlueClient): Promise<void> {
  const Command = { Name: 'pythonshell', ScriptLocation: 's3://lago/job.py' }
  await glue.send(new CreateJobCommand({ Name: 'resumo', Role: 'glue', Command }))
}

const files = {
  'job.py': 'print("feito")',
  'vendas/a.csv': 'id,total\n1,2.5\n2,3.5\n',
  'lojas/a.csv': 'id,uf\n1,AM\n2,PA\n',
}

test('a workflow crawls, waits for both crawlers, and runs a job', async ({ igarape }) => {
  const { glue, tables } = await lakeOfFiles(igarape, files)
  await crawler(glue, 'vendas', 'lago/vendas/')
  await crawler(glue, 'lojas', 'lago/lojas/')
  await job(glue)
  await glue.send(new CreateWorkflowCommand({ Name: 'fluxo' }))
  const begin = { Name: 'begin', WorkflowName: 'fluxo', Type: 'ON_DEMAND' as const }
  await glue.send(
    new CreateTriggerCommand({ ...begin, Actions: [{ CrawlerName: 'vendas' }, { CrawlerName: 'lojas' }] }),
  )
  const watched = (CrawlerName: string) => ({
    LogicalOperator: 'EQUALS' as const,
    CrawlerName,
    CrawlState: 'SUCCEEDED' as const,
  })
  await glue.send(
    new CreateTriggerCommand({
      Name: 'then',
      WorkflowName: 'fluxo',
      Type: 'CONDITIONAL',
      StartOnCreation: true,
      Predicate: { Logical: 'AND', Conditions: [watched('vendas'), watched('lojas')] },
      Actions: [{ JobName: 'resumo', Arguments: { '--dia': '20' } }],
    }),
  )

  const { RunId } = await glue.send(new StartWorkflowRunCommand({ Name: 'fluxo' }))
  await igarape.settled()

  const { Run } = await glue.send(new GetWorkflowRunCommand({ Name: 'fluxo', RunId, IncludeGraph: true }))
  expect(Run).toMatchObject({ Status: 'COMPLETED', Statistics: { TotalActions: 3, SucceededActions: 3 } })
  expect(Run?.Graph?.Nodes?.find(({ UniqueId }) => UniqueId === 'crawler/lojas')).toMatchObject({
    Type: 'CRAWLER',
    CrawlerDetails: { Crawls: [{ State: 'SUCCEEDED', LogGroup: '/aws-glue/crawlers', LogStream: 'lojas' }] },
  })
  expect(Run?.Graph?.Edges).toContainEqual({ SourceId: 'crawler/vendas', DestinationId: 'trigger/then' })
  expect(await tables()).toEqual(['lojas', 'vendas'])
  const { JobRuns } = await glue.send(new GetJobRunsCommand({ JobName: 'resumo' }))
  expect(JobRuns).toMatchObject([{ JobRunState: 'SUCCEEDED', TriggerName: 'then', Arguments: { '--dia': '20' } }])
})

test('a trigger outside of workflows follows a crawler that a trigger started, whatever came of it', async ({
  igarape,
}) => {
  const { glue } = await lakeOfFiles(igarape, files)
  await crawler(glue, 'perdido', 'nao-existe/')
  await job(glue)
  await glue.send(new CreateTriggerCommand({ Name: 'begin', Type: 'ON_DEMAND', Actions: [{ CrawlerName: 'perdido' }] }))
  const Conditions = [{ LogicalOperator: 'EQUALS' as const, CrawlerName: 'perdido', CrawlState: 'FAILED' as const }]
  const follower = { Name: 'then', Type: 'CONDITIONAL' as const, StartOnCreation: true, Predicate: { Conditions } }
  await glue.send(new CreateTriggerCommand({ ...follower, Actions: [{ JobName: 'resumo' }] }))

  await glue.send(new StartTriggerCommand({ Name: 'begin' }))
  await igarape.settled()

  const { Crawls } = await glue.send(new ListCrawlsCommand({ CrawlerName: 'perdido' }))
  expect(Crawls).toMatchObject([{ State: 'FAILED' }])
  const { JobRuns } = await glue.send(new GetJobRunsCommand({ JobName: 'resumo' }))
  expect(JobRuns).toMatchObject([{ JobRunState: 'SUCCEEDED', TriggerName: 'then' }])
})

test('a resumed workflow runs the chosen node and what hangs on it, and keeps what was done', async ({ igarape }) => {
  const { glue, put } = await lakeOfFiles(igarape, { ...files, 'job.py': 'raise SystemExit(1)' })
  await crawler(glue, 'vendas', 'lago/vendas/')
  await crawler(glue, 'lojas', 'lago/lojas/')
  await job(glue)
  await glue.send(new CreateWorkflowCommand({ Name: 'fluxo', DefaultRunProperties: { dia: '20' } }))
  const inside = { WorkflowName: 'fluxo', StartOnCreation: true }
  await glue.send(
    new CreateTriggerCommand({
      Name: 'begin',
      WorkflowName: 'fluxo',
      Type: 'ON_DEMAND',
      Actions: [{ CrawlerName: 'vendas' }],
    }),
  )
  const crawled = [{ LogicalOperator: 'EQUALS' as const, CrawlerName: 'vendas', CrawlState: 'SUCCEEDED' as const }]
  const done = [{ LogicalOperator: 'EQUALS' as const, JobName: 'resumo', State: 'SUCCEEDED' as const }]
  const second = { ...inside, Name: 'second', Predicate: { Conditions: crawled }, Actions: [{ JobName: 'resumo' }] }
  await glue.send(new CreateTriggerCommand({ ...second, Type: 'CONDITIONAL' }))
  const third = { ...inside, Name: 'third', Predicate: { Conditions: done }, Actions: [{ CrawlerName: 'lojas' }] }
  await glue.send(new CreateTriggerCommand({ ...third, Type: 'CONDITIONAL' }))
  const first = await glue.send(new StartWorkflowRunCommand({ Name: 'fluxo' }))
  await igarape.settled()

  await put({ 'job.py': 'print("agora sim")' })
  const resumed = await glue.send(
    new ResumeWorkflowRunCommand({ Name: 'fluxo', RunId: first.RunId, NodeIds: ['job/resumo'] }),
  )
  await igarape.settled()

  const { Run } = await glue.send(new GetWorkflowRunCommand({ Name: 'fluxo', RunId: resumed.RunId }))
  expect(Run).toMatchObject({
    PreviousRunId: first.RunId,
    Status: 'COMPLETED',
    WorkflowRunProperties: { dia: '20' },
    Statistics: { TotalActions: 3, SucceededActions: 3, FailedActions: 0 },
  })
  const { Crawls } = await glue.send(new ListCrawlsCommand({ CrawlerName: 'vendas' }))
  expect(Crawls).toHaveLength(1)
})
