/**
 * What AWS measures of job runs with `--enable-metrics`: namespace `Glue`, of each run and of all runs of the job. Only what
 * is really counted: the rows and bytes of the script's reads, its time, its end.
 * Names: docs.aws.amazon.com, AWS Glue Developer Guide, "Monitoring AWS Glue using Amazon CloudWatch metrics".
 */
import type { Tx } from '../../delivery/context.ts'
import { measure } from '../../delivery/metering.ts'
import type { JobRun } from './jobRunRecords.ts'

export function measureRun(tx: Tx, run: JobRun): void {
  const isAsked = { ...run.settings.DefaultArguments, ...run.arguments }['--enable-metrics'] !== undefined
  if (!isAsked) return
  const { counts, executionSeconds = 0, jobName, id, state } = run
  const dimensions = [id, 'ALL'].map((JobRunId) => ({ JobName: jobName, JobRunId, Type: 'count' }))
  const counted = (name: string, unit: string, value: number) => ({
    name: `glue.driver.aggregate.${name}`,
    unit,
    value,
  })
  measure(
    tx,
    { namespace: 'Glue', dimensions },
    counted('elapsedTime', 'Milliseconds', executionSeconds * 1000),
    counted('numCompletedTasks', 'None', Number(state === 'SUCCEEDED')),
    counted('numFailedTasks', 'None', Number(state === 'FAILED')),
    ...(counts
      ? [counted('recordsRead', 'None', counts.rowsRead), counted('bytesRead', 'Bytes', counts.bytesRead)]
      : []),
  )
}
