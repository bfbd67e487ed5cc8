/** Runs as they are kept: a row for each attempt, those that are not over beside them, and their order in time. */
import type { JobRunState } from '@aws-sdk/client-glue'
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import type { RunCounts } from '../../engines/jobs/jobProcess.ts'
import type { ProcessIdentity } from '../../engines/jobs/orphans.ts'
import type { TraceRef } from '../../observe/traces.ts'
import { collection } from '../../store/collection.ts'
import type { EngineName } from './engineChoice.ts'
import type { JobSettings } from './jobs.ts'

export interface JobRun {
  id: string
  jobName: string
  attempt: number
  previousRunId?: string
  triggerName?: string
  workflow?: { name: string; runId: string }
  state: JobRunState
  /** The job's settings as they were, and with what the caller changed. */
  settings: JobSettings
  arguments: Record<string, string>
  startedAt: Millis
  updatedAt: Millis
  completedAt?: Millis
  errorMessage?: string
  executionSeconds: number
  counts?: RunCounts
  peakBytes?: number
  /** What its script runs on, once that is chosen. */
  engine?: EngineName
  /** The attempt's process group, once there is one; `session` is the server's start that made it. */
  process?: ProcessIdentity & { session: string }
  /** Of who started it. */
  trace: TraceRef
  /** Its own hop, from when an attempt begins: what the script does hangs below it. */
  hop?: TraceRef
}

export const jobRuns = collection<JobRun>('glue/job-runs', { version: 1, key: (run) => [run.jobName, run.id] })

/** Newest last. */
export const jobRunOrder = collection<{ jobName: string; startedAt: Millis; id: string }>('glue/job-run-order', {
  version: 1,
  key: ({ jobName, startedAt, id }) => [jobName, startedAt, id],
})

/** Those that hold one of their job's places. */
export const activeRuns = collection<{ jobName: string; id: string }>('glue/active-runs', {
  version: 1,
  key: ({ jobName, id }) => [jobName, id],
})

/** Those that wait for a place, oldest first. */
export const waitingRuns = collection<{ jobName: string; startedAt: Millis; id: string }>('glue/waiting-runs', {
  version: 1,
  key: ({ jobName, startedAt, id }) => [jobName, startedAt, id],
})

export interface DueRun extends Due {
  jobName: string
}

export const dueRuns = dueQueue<DueRun>('glue/job-runs')

/** When to tell that a run takes longer than its NotifyDelayAfter. */
export const dueNotices = dueQueue<DueRun>('glue/delay-notices')

export const finalStates: readonly JobRunState[] = ['SUCCEEDED', 'FAILED', 'TIMEOUT', 'STOPPED', 'ERROR', 'EXPIRED']

export function putRun(tx: Tx, run: JobRun): JobRun {
  const changed = { ...run, updatedAt: tx.now }
  tx.in(jobRuns).put(changed)
  return changed
}
