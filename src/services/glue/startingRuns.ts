/** Starting a run: by a caller, a trigger, or as the next attempt of one that failed. */
import type { Tx } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import {
  activeRuns,
  dueNotices,
  dueRuns,
  type JobRun,
  jobRunOrder,
  jobRuns,
  putRun,
  waitingRuns,
} from './jobRunRecords.ts'
import { type Job, mustGetJob } from './jobs.ts'

const { ConcurrentRunsExceededException, InvalidInputException } = awsErrors('glue')

export interface StartRequest {
  jobName: string
  arguments: Record<string, string>
  /** Settings that hold for this run only. */
  settings: Partial<JobRun['settings']>
  triggerName?: string
  workflow?: { name: string; runId: string }
  queues?: boolean
}

/** Errors: EntityNotFoundException, ConcurrentRunsExceededException, InvalidInputException. */
export function startRun(tx: Tx, request: StartRequest): JobRun {
  const job = mustGetJob(tx, request.jobName)
  const runArguments = argumentsOf(job, request.arguments)
  const hasPlace = tx.in(activeRuns).count({ prefix: [job.name] }) < placesOf(job)
  const queues = request.queues ?? job.settings.JobRunQueuingEnabled ?? false
  if (!hasPlace && !queues) throw ConcurrentRunsExceededException(`Concurrent runs exceeded for ${job.name}`)
  const { triggerName, workflow } = request
  const run: JobRun = {
    id: `jr_${tx.random.hex(64)}`,
    jobName: job.name,
    attempt: 0,
    ...(triggerName && { triggerName }),
    ...(workflow && { workflow }),
    state: hasPlace ? 'STARTING' : 'WAITING',
    settings: { ...job.settings, ...request.settings },
    arguments: runArguments,
    startedAt: tx.now,
    updatedAt: tx.now,
    executionSeconds: 0,
    trace: tx.trace,
  }
  return enter(tx, run)
}

/** The next attempt, with an id that tells which one it is. */
export function startAttempt(tx: Tx, failed: JobRun): JobRun {
  const attempt = failed.attempt + 1
  const {
    completedAt: _ended,
    errorMessage: _error,
    process: _process,
    hop: _hop,
    engine: _engine,
    counts: _counts,
    peakBytes: _peak,
    ...rest
  } = failed
  return enter(tx, {
    ...rest,
    id: `${failed.id.replace(/_attempt_\d+$/, '')}_attempt_${attempt}`,
    attempt,
    previousRunId: failed.id,
    state: 'STARTING',
    startedAt: tx.now,
    executionSeconds: 0,
  })
}

/** A run that is over leaves its place to the one that waits longest. */
export function leave(tx: Tx, run: JobRun): void {
  tx.in(activeRuns).delete(run.jobName, run.id)
  tx.in(waitingRuns).delete(run.jobName, run.startedAt, run.id)
  tx.due(dueRuns).delete(run.id)
  tx.due(dueNotices).delete(run.id)
  const next = tx.in(waitingRuns).first({ prefix: [run.jobName] })
  const waiting = next && tx.in(jobRuns).get(next.jobName, next.id)
  if (!waiting) return
  tx.in(waitingRuns).delete(next.jobName, next.startedAt, next.id)
  takePlace(tx, putRun(tx, { ...waiting, state: 'STARTING' }))
}

function enter(tx: Tx, run: JobRun): JobRun {
  putRun(tx, run)
  tx.in(jobRunOrder).put({ jobName: run.jobName, startedAt: run.startedAt, id: run.id })
  if (run.state === 'WAITING') tx.in(waitingRuns).put({ jobName: run.jobName, startedAt: run.startedAt, id: run.id })
  else takePlace(tx, run)
  return run
}

function takePlace(tx: Tx, { jobName, id, trace, settings }: JobRun): void {
  tx.in(activeRuns).put({ jobName, id })
  tx.due(dueRuns).put({ id, jobName, dueAt: tx.now, trace })
  const minutes = settings.NotificationProperty?.NotifyDelayAfter
  if (minutes) tx.due(dueNotices).put({ id, jobName, dueAt: tx.now + minutes * 60_000, trace })
}

function placesOf(job: Job): number {
  return job.settings.ExecutionProperty?.MaxConcurrentRuns ?? 1
}

/** The job's arguments with the caller's over them; some may not be overridden. */
function argumentsOf({ settings }: Job, given: Record<string, string>): Record<string, string> {
  const fixed = settings.NonOverridableArguments ?? {}
  const overridden = Object.keys(given).find((name) => Object.hasOwn(fixed, name))
  if (overridden) throw InvalidInputException(`Argument ${overridden} cannot be overridden.`)
  return { ...settings.DefaultArguments, ...given, ...fixed }
}
