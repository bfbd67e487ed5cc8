/** A statement in the trace of what asked for it: what it did, to how many rows, and what AWS would bill. */
import type { Tx } from '../../delivery/context.ts'
import type { TraceRef } from '../../observe/traces.ts'
import type { Statement } from './statements.ts'

/** US dollars of us-east-1, from https://aws.amazon.com/redshift/pricing/: by the second, a minute at least. */
const usdPerRpuHour = 0.375
const billedSecondsMin = 60

/** A batch has up to 40 statements. */
const wordsMax = 8

/** Its SQL stays out of the trace: that may hold what only the one who asked should see. */
export function beginHop(tx: Tx, statement: Statement): TraceRef {
  return tx.hop({
    service: 'redshift-data',
    action: actionOf(statement),
    resource: `${statement.workgroupName ?? statement.clusterIdentifier}/${statement.database}`,
    status: 'running',
    subjects: [statement.id],
  })
}

/** The rows are those of the last part, as in the event of the statement. */
export function endHop(tx: Tx, statement: Statement): void {
  if (!statement.trace) return
  const rows = statement.parts.at(-1)?.rows ?? -1
  tx.endHop(statement.trace, {
    status: statement.status === 'FINISHED' ? 'ok' : 'failed',
    ...(statement.error && { error: statement.error }),
    ...(rows >= 0 && { rows }),
    ...(statement.baseCapacity !== undefined && {
      costUsd: costOf(statement.baseCapacity, Math.max(0, statement.durationNs) / 1e9),
    }),
  })
}

/** A cluster is billed by the hour whether it is asked or not: only work groups have a cost of their own. */
function costOf(rpus: number, seconds: number): number {
  return (rpus * usdPerRpuHour * Math.max(billedSecondsMin, Math.ceil(seconds))) / 3600
}

/** `LOCK, CREATE, COPY, DELETE, INSERT` */
function actionOf({ parts }: Statement): string {
  const words = parts.slice(0, wordsMax).map((part) => firstWord(part.sql))
  return `${words.join(', ')}${parts.length > wordsMax ? ', …' : ''}`
}

function firstWord(sql: string): string {
  return /^\s*([a-z]+)/i.exec(sql)?.[1]?.toUpperCase() ?? ''
}
