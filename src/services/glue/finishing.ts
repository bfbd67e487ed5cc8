/** The end of an attempt: its state, its event, its place for the next one, a retry, and the triggers that watched it. */
import type { JobRunState } from '@aws-sdk/client-glue'
import type { Tx } from '../../delivery/context.ts'
import type { RunCounts } from '../../engines/jobs/jobProcess.ts'
import { fireAfter } from './firing.ts'
import { type JobRun, putRun } from './jobRunRecords.ts'
import { capacityOf } from './jobs.ts'
import { measureRun } from './runMetrics.ts'
import { measuresOf } from './runProgress.ts'
import { leave, startAttempt } from './startingRuns.ts'

export interface Outcome {
  state: JobRunState
  errorMessage?: string
  executionSeconds?: number
  peakBytes?: number
  counts?: RunCounts
}

const dollarsPerDpuHour = 0.44
const billedSecondsMin = 60

export function finishRun(tx: Tx, run: JobRun, outcome: Outcome): JobRun {
  const finished = putRun(tx, { ...run, ...outcome, completedAt: tx.now })
  leave(tx, finished)
  measureRun(tx, finished)
  const below = finished.hop ? tx.at({ trace: finished.hop }) : tx
  below.emit({
    source: 'aws.glue',
    'detail-type': 'Glue Job State Change',
    detail: eventDetail(finished),
    resources: [],
  })
  const failed = finished.state === 'FAILED' || finished.state === 'TIMEOUT'
  if (finished.state === 'FAILED' && finished.attempt < (finished.settings.MaxRetries ?? 0)) startAttempt(tx, finished)
  else fireAfter(below, finished)
  if (finished.hop) {
    tx.endHop(finished.hop, {
      endedAt: tx.now,
      status: failed ? 'failed' : 'ok',
      ...(finished.errorMessage && { error: finished.errorMessage }),
      ...measuresOf(finished),
      costUsd: costOf(finished),
    })
  }
  return finished
}

function eventDetail({ jobName, id, state, errorMessage }: JobRun) {
  const severity = { FAILED: 'ERROR', ERROR: 'ERROR', TIMEOUT: 'WARN' }[state as string] ?? 'INFO'
  const messages: Record<string, string> = {
    SUCCEEDED: 'Job run succeeded',
    TIMEOUT: 'Job run timed out',
    STOPPED: 'Job run stopped',
  }
  return { jobName, severity, state, jobRunId: id, message: messages[state] ?? errorMessage ?? 'Job run failed' }
}

/** Billed by the second, a minute at least, for as long as the script ran. */
export function costOf(run: JobRun): number {
  if (run.executionSeconds === 0) return 0
  return (capacityOf(run.settings) * Math.max(run.executionSeconds, billedSecondsMin) * dollarsPerDpuHour) / 3600
}
