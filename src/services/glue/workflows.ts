/** Workflows: triggers and jobs that run as one. */
import type { Workflow as WorkflowOutput, WorkflowRun as WorkflowRunOutput } from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { crawlers } from './crawlerRecords.ts'
import { stopCrawl } from './crawls.ts'
import { jobEngine } from './engine.ts'
import { startWorkflow } from './firing.ts'
import { jobRuns, putRun } from './jobRunRecords.ts'
import { dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { resumeWorkflow } from './resuming.ts'
import { putTags } from './tags.ts'
import { graphOf, statisticsOf, triggersOf } from './workflowGraph.ts'
import { type Workflow, type WorkflowRun, workflowRunPlaces, workflowRuns, workflows } from './workflowRecords.ts'

const { AlreadyExistsException, EntityNotFoundException, IllegalWorkflowStateException, InvalidInputException } =
  awsErrors('glue')

export const workflowOperations = operations('glue', {
  async CreateWorkflow(input, ctx) {
    await ctx.commit((tx) => {
      if (tx.in(workflows).has(input.Name))
        throw AlreadyExistsException(`Workflow with name ${input.Name} already exists.`)
      const now = ctx.clock.now()
      tx.in(workflows).put({ ...workflowFrom(input), name: input.Name, createdAt: now, updatedAt: now })
      putTags(tx, glueArn(ctx, 'workflow', input.Name), input.Tags ?? {})
    })
    return { Name: input.Name }
  },

  async UpdateWorkflow(input, ctx) {
    await ctx.commit((tx) => {
      const there = mustGetWorkflow(tx, input.Name)
      tx.in(workflows).put({ ...there, ...workflowFrom(input), updatedAt: ctx.clock.now() })
    })
    return { Name: input.Name }
  },

  async GetWorkflow(input, ctx) {
    return { Workflow: workflowOutput(ctx, mustGetWorkflow(ctx, input.Name), input.IncludeGraph) }
  },

  async BatchGetWorkflows(input, ctx) {
    const found = input.Names.flatMap((name) => ctx.in(workflows).get(name) ?? [])
    return {
      Workflows: found.map((workflow) => workflowOutput(ctx, workflow, input.IncludeGraph)),
      MissingWorkflows: input.Names.filter((name) => !found.some((workflow) => workflow.name === name)),
    }
  },

  async ListWorkflows(input, ctx) {
    const { items, next } = pageOf(ctx.in(workflows).list(), input, 25)
    return { Workflows: items.map((workflow) => workflow.name), ...next }
  },

  async DeleteWorkflow(input, ctx) {
    await ctx.commit((tx) => {
      tx.in(workflows).delete(input.Name)
      putTags(tx, glueArn(ctx, 'workflow', input.Name), undefined)
    })
    return { Name: input.Name }
  },

  async StartWorkflowRun(input, ctx) {
    const run = await ctx.commit((tx) => {
      mustGetWorkflow(tx, input.Name)
      const trigger = triggersOf(tx, input.Name).find(({ settings }) => settings.Type !== 'CONDITIONAL')
      if (!trigger) throw InvalidInputException(`Workflow ${input.Name} has no starting trigger.`)
      return startWorkflow(tx, input.Name, { trigger, properties: input.RunProperties ?? {} })
    })
    return { RunId: run.id }
  },

  async GetWorkflowRun(input, ctx) {
    return { Run: workflowRunOutput(ctx, mustGetWorkflowRun(ctx, input.Name, input.RunId), input.IncludeGraph) }
  },

  async GetWorkflowRuns(input, ctx) {
    mustGetWorkflow(ctx, input.Name)
    const { items, next } = pageOf(ctx.in(workflowRuns).list({ prefix: [input.Name], reverse: true }), input)
    return { Runs: items.map((run) => workflowRunOutput(ctx, run, input.IncludeGraph)), ...next }
  },

  async GetWorkflowRunProperties(input, ctx) {
    return { RunProperties: mustGetWorkflowRun(ctx, input.Name, input.RunId).properties }
  },

  async PutWorkflowRunProperties(input, ctx) {
    await ctx.commit((tx) => {
      const run = mustGetWorkflowRun(tx, input.Name, input.RunId)
      tx.in(workflowRuns).put({ ...run, properties: { ...run.properties, ...input.RunProperties } })
    })
    return {}
  },

  async StopWorkflowRun(input, ctx) {
    const stopped = await ctx.commit((tx) => {
      const run = mustGetWorkflowRun(tx, input.Name, input.RunId)
      if (run.status !== 'RUNNING')
        throw IllegalWorkflowStateException(`Workflow run ${run.id} is not in a running state.`)
      tx.in(workflowRuns).put({ ...run, status: 'STOPPING' })
      for (const { crawlerName, number } of run.crawls ?? []) {
        const crawler = tx.in(crawlers).get(crawlerName)
        if (crawler?.state === 'RUNNING' && crawler.crawlCount === number) stopCrawl(tx, crawlerName)
      }
      return run.jobRuns.flatMap(({ jobName, id }) => {
        const jobRun = tx.in(jobRuns).get(jobName, id)
        if (jobRun?.state !== 'STARTING' && jobRun?.state !== 'RUNNING') return []
        putRun(tx, { ...jobRun, state: 'STOPPING' })
        return [id]
      })
    })
    for (const id of stopped) ctx.use(jobEngine).stop(id)
    return {}
  },

  async ResumeWorkflowRun(input, ctx) {
    const run = await ctx.commit((tx) =>
      resumeWorkflow(tx, mustGetWorkflowRun(tx, input.Name, input.RunId), input.NodeIds),
    )
    return { RunId: run.id, NodeIds: input.NodeIds }
  },
})

/** Errors: EntityNotFoundException. */
export function mustGetWorkflow(ctx: Pick<Context | Tx, 'in'>, name: string): Workflow {
  const workflow = ctx.in(workflows).get(name)
  if (!workflow) throw EntityNotFoundException(`Workflow ${name} not found.`)
  return workflow
}

function mustGetWorkflowRun(ctx: Pick<Context | Tx, 'in'>, name: string, id: string): WorkflowRun {
  const place = ctx.in(workflowRunPlaces).get(name, id)
  const run = place && ctx.in(workflowRuns).get(name, place.startedAt, id)
  if (!run) throw EntityNotFoundException(`Workflow run ${id} not found.`)
  return run
}

function workflowFrom(input: {
  Description?: string | undefined
  DefaultRunProperties?: Record<string, string> | undefined
  MaxConcurrentRuns?: number | undefined
}) {
  return {
    ...(input.Description !== undefined && { description: input.Description }),
    defaultProperties: input.DefaultRunProperties ?? {},
    ...(input.MaxConcurrentRuns !== undefined && { runsMax: input.MaxConcurrentRuns }),
  }
}

function workflowOutput(ctx: Context, workflow: Workflow, withGraph = false): WorkflowOutput {
  const last = workflow.lastRunId ? mustGetWorkflowRun(ctx, workflow.name, workflow.lastRunId) : undefined
  return {
    Name: workflow.name,
    ...(workflow.description !== undefined && { Description: workflow.description }),
    DefaultRunProperties: workflow.defaultProperties,
    ...(workflow.runsMax !== undefined && { MaxConcurrentRuns: workflow.runsMax }),
    CreatedOn: dateOf(workflow.createdAt),
    LastModifiedOn: dateOf(workflow.updatedAt),
    ...(last && { LastRun: workflowRunOutput(ctx, last) }),
    ...(withGraph && { Graph: graphOf(ctx, workflow.name) }),
  }
}

function workflowRunOutput(ctx: Context, run: WorkflowRun, withGraph = false): WorkflowRunOutput {
  return {
    Name: run.workflow,
    WorkflowRunId: run.id,
    ...(run.previousId && { PreviousRunId: run.previousId }),
    WorkflowRunProperties: run.properties,
    StartedOn: dateOf(run.startedAt),
    ...(run.completedAt !== undefined && { CompletedOn: dateOf(run.completedAt) }),
    Status: run.status,
    Statistics: statisticsOf(ctx, run),
    ...(run.startingEvent && { StartingEventBatchCondition: { BatchSize: run.startingEvent.length } }),
    ...(withGraph && { Graph: graphOf(ctx, run.workflow, run) }),
  }
}
