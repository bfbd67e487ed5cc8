/**
 * What AWS measures of job runs with `--enable-metrics` and `--enable-observability-metrics`: namespace `Glue`, of each run
 * and of all runs of the job. Only what is really counted: the rows, bytes and files of the script, its time, its end.
 * Names: docs.aws.amazon.com, AWS Glue Developer Guide, "Monitoring AWS Glue using Amazon CloudWatch metrics" and
 * "Monitoring with AWS Glue Observability metrics".
 */
import type { Tx } from '../../delivery/context.ts'
import { measure } from '../../delivery/metering.ts'
import { isAsked } from './jobParameters.ts'
import type { JobRun } from './jobRunRecords.ts'

export function measureRun(tx: Tx, run: JobRun): void {
  const asked = { ...run.settings.DefaultArguments, ...run.arguments }
  if (isAsked(asked['--enable-metrics'])) measureProfile(tx, run)
  if (isAsked(asked['--enable-observability-metrics'])) measureObservations(tx, run)
}

function dimensionsOf({ jobName, id }: JobRun, more: Record<string, string>): Record<string, string>[] {
  return [id, 'ALL'].map((JobRunId) => ({ JobName: jobName, JobRunId, ...more }))
}

function measureProfile(tx: Tx, run: JobRun): void {
  const { counts, executionSeconds = 0, state } = run
  const counted = (name: string, unit: string, value: number) => ({
    name: `glue.driver.aggregate.${name}`,
    unit,
    value,
  })
  measure(
    tx,
    { namespace: 'Glue', dimensions: dimensionsOf(run, { Type: 'count' }) },
    counted('elapsedTime', 'Milliseconds', executionSeconds * 1000),
    counted('numCompletedTasks', 'None', Number(state === 'SUCCEEDED')),
    counted('numFailedTasks', 'None', Number(state === 'FAILED')),
    ...(counts
      ? [counted('recordsRead', 'None', counts.rowsRead), counted('bytesRead', 'Bytes', counts.bytesRead)]
      : []),
  )
}

function measureObservations(tx: Tx, run: JobRun): void {
  const { counts, state } = run
  const ended = state === 'SUCCEEDED' ? 'glue.succeed.ALL' : 'glue.error.ALL'
  const ofEnds = dimensionsOf(run, { Type: 'count', ObservabilityGroup: 'error' })
  measure(tx, { namespace: 'Glue', dimensions: ofEnds }, { name: ended, unit: 'Count', value: 1 })
  if (!counts) return
  const amount = (name: string, unit: string, value: number) => ({ name: `glue.driver.${name}`, unit, value })
  measure(
    tx,
    { namespace: 'Glue', dimensions: dimensionsOf(run, { Type: 'gauge', ObservabilityGroup: 'throughput' }) },
    amount('recordsRead', 'Count', counts.rowsRead),
    amount('bytesRead', 'Bytes', counts.bytesRead),
    amount('filesRead', 'Count', counts.filesRead),
    amount('recordsWritten', 'Count', counts.rowsWritten),
    amount('bytesWritten', 'Bytes', counts.bytesWritten),
    amount('filesWritten', 'Count', counts.filesWritten),
  )
}
