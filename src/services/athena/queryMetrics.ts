/**
 * What AWS measures of queries: `AWS/Athena`, by work group, kind and end.
 * Names: docs.aws.amazon.com, Amazon Athena User Guide, "Monitor Athena query metrics with CloudWatch".
 */
import type { Tx } from '../../delivery/context.ts'
import { measure } from '../../delivery/metering.ts'
import type { Execution } from './executions.ts'

export function measureQuery(tx: Tx, execution: Execution): void {
  const { workGroup, state, submittedAt, startedAt = submittedAt, endedAt = tx.now, engineMs = 0 } = execution
  const millis = (name: string, value: number) => ({ name, unit: 'Milliseconds', value })
  const ofGroup = { WorkGroup: workGroup }
  const dimensions = [ofGroup, { ...ofGroup, QueryState: state, QueryType: execution.statementType }]
  measure(
    tx,
    { namespace: 'AWS/Athena', dimensions },
    millis('TotalExecutionTime', endedAt - submittedAt),
    millis('QueryQueueTime', startedAt - submittedAt),
    millis('EngineExecutionTime', engineMs),
    millis('ServiceProcessingTime', 0),
    { name: 'ProcessedBytes', unit: 'Bytes', value: execution.bytesScanned ?? 0 },
  )
}
