/** Operations on runs: start, look, stop. What a run does is in runWorker.ts. */
import type { BatchStopJobRunError, JobRun as JobRunOutput } from '@aws-sdk/client-glue'
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { jobEngine } from './engine.ts'
import { finishRun } from './finishing.ts'
import { checkParameters } from './jobParameters.ts'
import { type JobRun, jobRunOrder, jobRuns, putRun } from './jobRunRecords.ts'
import { capacityOf, jobs, mustGetJob, timeoutMinutesOf } from './jobs.ts'
import { dateOf } from './names.ts'
import { pageOf } from './pages.ts'
import { startAttempt, startRun } from './startingRuns.ts'

const { EntityNotFoundException } = awsErrors('glue')

export const jobRunOperations = operations('glue', {
  async StartJobRun(input, ctx) {
    const run = await ctx.commit((tx) => {
      if (!tx.in(jobs).has(input.JobName as string))
        throw EntityNotFoundException('Failed to start job run due to missing metadata')
      if (input.JobRunId) return startAttempt(tx, mustGetRun(tx, input.JobName as string, input.JobRunId))
      const { JobName: jobName = '', JobRunId: _id, Arguments = {}, JobRunQueuingEnabled: queues, ...settings } = input
      const given = Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
      checkParameters({ ...mustGetJob(tx, jobName).settings.DefaultArguments, ...Arguments })
      return startRun(tx, { jobName, arguments: Arguments, settings: given, ...(queues !== undefined && { queues }) })
    })
    return { JobRunId: run.id }
  },

  async GetJobRun(input, ctx) {
    return {
      JobRun: runOutput(mustGetRun(ctx, input.JobName as string, input.RunId as string), predecessors(ctx, input)),
    }
  },

  async GetJobRuns(input, ctx) {
    const job = mustGetJob(ctx, input.JobName as string)
    const newestFirst = ctx.in(jobRunOrder).list({ prefix: [job.name], reverse: true })
    const { items, next } = pageOf(newestFirst, input, 200)
    return {
      JobRuns: items.flatMap(({ id }) => ctx.in(jobRuns).get(job.name, id) ?? []).map((run) => runOutput(run)),
      ...next,
    }
  },

  async BatchStopJobRun(input, ctx) {
    const JobName = input.JobName as string
    const Errors: BatchStopJobRunError[] = []
    for (const JobRunId of input.JobRunIds) {
      const error = await stopRun(ctx, JobName, JobRunId)
      if (error) Errors.push({ JobName, JobRunId, ErrorDetail: error })
    }
    const stopped = input.JobRunIds.filter((id) => !Errors.some((error) => error.JobRunId === id))
    return { SuccessfulSubmissions: stopped.map((JobRunId) => ({ JobName, JobRunId })), Errors }
  },
})

const stoppable = ['WAITING', 'STARTING', 'RUNNING']

/** The record says STOPPING before the process is told, so that a kill in between cannot lose the wish. */
async function stopRun(ctx: Context, jobName: string, id: string) {
  const outcome = await ctx.commit((tx) => {
    const run = tx.in(jobRuns).get(jobName, id)
    if (!run) return { ErrorCode: 'EntityNotFoundException', ErrorMessage: `Job run ${id} not found.` }
    if (!stoppable.includes(run.state))
      return {
        ErrorCode: 'IllegalSessionStateException',
        ErrorMessage: `Job run ${id} is in state ${run.state} and cannot be stopped.`,
      }
    if (run.state === 'WAITING') finishRun(tx, run, { state: 'STOPPED' })
    else putRun(tx, { ...run, state: 'STOPPING' })
    return undefined
  })
  if (!outcome) ctx.use(jobEngine).stop(id)
  return outcome
}

/** Errors: EntityNotFoundException. */
export function mustGetRun(ctx: Pick<Context, 'in'>, jobName: string, id: string): JobRun {
  const run = ctx.in(jobRuns).get(jobName, id)
  if (!run) throw EntityNotFoundException('Entity Not Found')
  return run
}

function predecessors(
  ctx: Context,
  {
    JobName,
    RunId,
    PredecessorsIncluded,
  }: { JobName?: string | undefined; RunId?: string | undefined; PredecessorsIncluded?: boolean | undefined },
) {
  if (!PredecessorsIncluded || !JobName || !RunId) return []
  const { previousRunId } = mustGetRun(ctx, JobName, RunId)
  return previousRunId ? [{ JobName, RunId: previousRunId }] : []
}

export function runOutput(run: JobRun, predecessorRuns: { JobName: string; RunId: string }[] = []): JobRunOutput {
  const { settings } = run
  const capacity = capacityOf(settings)
  const isFlexible = settings.ExecutionClass === 'FLEX' || run.arguments['--enable-auto-scaling'] === 'true'
  return {
    Id: run.id,
    Attempt: run.attempt,
    ...(run.previousRunId && { PreviousRunId: run.previousRunId }),
    ...(run.triggerName && { TriggerName: run.triggerName }),
    JobName: run.jobName,
    JobMode: settings.JobMode ?? 'SCRIPT',
    StartedOn: dateOf(run.startedAt),
    LastModifiedOn: dateOf(run.updatedAt),
    ...(run.completedAt !== undefined && { CompletedOn: dateOf(run.completedAt) }),
    JobRunState: run.state,
    Arguments: run.arguments,
    ...(run.errorMessage !== undefined && { ErrorMessage: run.errorMessage }),
    PredecessorRuns: predecessorRuns,
    AllocatedCapacity: Math.floor(capacity),
    ExecutionTime: run.executionSeconds,
    Timeout: timeoutMinutesOf(settings),
    MaxCapacity: capacity,
    ...(settings.WorkerType && { WorkerType: settings.WorkerType }),
    ...(settings.NumberOfWorkers !== undefined && { NumberOfWorkers: settings.NumberOfWorkers }),
    LogGroupName: '/aws-glue/jobs',
    GlueVersion: settings.GlueVersion ?? '0.9',
    ...(isFlexible && { DPUSeconds: run.executionSeconds * capacity }),
    ...(settings.ExecutionClass && { ExecutionClass: settings.ExecutionClass }),
    ...(settings.NotificationProperty && { NotificationProperty: settings.NotificationProperty }),
  }
}
