/** Workflows: triggers and jobs that run as one. */
import type {
  Node,
  WorkflowGraph,
  Workflow as WorkflowOutput,
  WorkflowRun as WorkflowRunOutput,
} from '@aws-sdk/client-glue'
import type { Context, Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { jobEngine } from './engine.ts'
import { startWorkflow } from './firing.ts'
import { jobRuns, putRun } from './jobRunRecords.ts'
import { runOutput } from './jobRuns.ts'
import { dateOf, glueArn } from './names.ts'
import { pageOf } from './pages.ts'
import { putTags } from './tags.ts'
import { type Trigger, triggerOutput, triggers } from './triggers.ts'
import { type Workflow, type WorkflowRun, workflowRunPlaces, workflowRuns, workflows } from './workflowRecords.ts'

const { AlreadyExistsException, EntityNotFoundException, InvalidInputException } = awsErrors('glue')

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
      tx.in(workflowRuns).put({ ...run, status: run.status === 'RUNNING' ? 'STOPPING' : run.status })
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

export function triggersOf(ctx: Pick<Context | Tx, 'in'>, workflow: string): Trigger[] {
  return [...ctx.in(triggers).list()].filter(({ settings }) => settings.WorkflowName === workflow)
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
  const runs = run.jobRuns.flatMap(({ jobName, id }) => ctx.in(jobRuns).get(jobName, id) ?? [])
  const count = (...states: string[]) => runs.filter((jobRun) => states.includes(jobRun.state)).length
  return {
    Name: run.workflow,
    WorkflowRunId: run.id,
    ...(run.previousId && { PreviousRunId: run.previousId }),
    WorkflowRunProperties: run.properties,
    StartedOn: dateOf(run.startedAt),
    ...(run.completedAt !== undefined && { CompletedOn: dateOf(run.completedAt) }),
    Status: run.status,
    Statistics: {
      TotalActions: runs.length + run.errored,
      TimeoutActions: count('TIMEOUT'),
      FailedActions: count('FAILED'),
      StoppedActions: count('STOPPED'),
      SucceededActions: count('SUCCEEDED'),
      RunningActions: count('STARTING', 'RUNNING', 'STOPPING'),
      ErroredActions: count('ERROR') + run.errored,
      WaitingActions: count('WAITING'),
    },
    ...(run.startingEvent && { StartingEventBatchCondition: { BatchSize: run.startingEvent.length } }),
    ...(withGraph && { Graph: graphOf(ctx, run.workflow, run) }),
  }
}

function graphOf(ctx: Context, workflow: string, run?: WorkflowRun): WorkflowGraph {
  const all = triggersOf(ctx, workflow)
  const jobNames = [
    ...new Set(all.flatMap(({ settings }) => (settings.Actions ?? []).flatMap(({ JobName }) => JobName ?? []))),
  ]
  const jobNode = (name: string): Node => {
    const started = run?.jobRuns.filter(({ jobName }) => jobName === name) ?? []
    const records = started.flatMap(({ id }) => ctx.in(jobRuns).get(name, id) ?? [])
    return {
      Type: 'JOB',
      Name: name,
      UniqueId: `job/${name}`,
      JobDetails: { JobRuns: records.map((record) => runOutput(record)) },
    }
  }
  const edge = (SourceId: string, DestinationId: string) => ({ SourceId, DestinationId })
  return {
    Nodes: [
      ...all.map(
        (trigger): Node => ({
          Type: 'TRIGGER',
          Name: trigger.name,
          UniqueId: `trigger/${trigger.name}`,
          TriggerDetails: { Trigger: triggerOutput(trigger) },
        }),
      ),
      ...jobNames.map(jobNode),
    ],
    Edges: all.flatMap(({ name, settings }) => [
      ...(settings.Actions ?? []).map(({ JobName }) => edge(`trigger/${name}`, `job/${JobName}`)),
      ...(settings.Predicate?.Conditions ?? []).map(({ JobName }) => edge(`job/${JobName}`, `trigger/${name}`)),
    ]),
  }
}
