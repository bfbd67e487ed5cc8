/**
 * What audits of messages found, on its way to a log group or a bucket: a due row of the commit that published the message,
 * so it is written at least once. The shape is AWS's: SNS Developer Guide, "Audit destination log example".
 */
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { AwsError } from '../../wire/errors.ts'
import type { FindingsDestination } from './protectionPolicies.ts'
import { writeToLog } from './statusLog.ts'

export interface Findings {
  messageId: string
  auditTimestamp: string
  callerPrincipal: string
  resourceArn: string
  dataIdentifiers: { name: string; count: number; detections: { start: number; end: number }[] }[]
}

interface FindingsRow extends Due {
  at: number
  destination: FindingsDestination
  findings: Findings
}

const rows = dueQueue<FindingsRow>('sns/findings')

export function tellFindings(tx: Tx, destination: FindingsDestination, findings: Findings): void {
  if (Object.keys(destination).length === 0) return
  tx.due(rows).put({ id: tx.random.uuid(), dueAt: tx.now, at: tx.now, destination, findings })
}

export const findingsWorker = worker('sns/findings', {
  queue: rows,
  concurrency: 4,
  fairBy: ({ findings }) => findings.resourceArn,
  async run(row, ctx) {
    const { logGroup, bucket } = row.destination
    if (logGroup !== undefined)
      await writeToLog(ctx, { group: logGroup, at: row.at, message: JSON.stringify(row.findings) })
    if (bucket !== undefined) await putObject(ctx, bucket, row)
    await ctx.commit((tx) => tx.due(rows).delete(row.id))
  },
})

/** One object a message, by the row's id: written twice it is the same object. A bucket that is gone gets nothing. */
async function putObject(ctx: Context, Bucket: string, { id, at, findings }: FindingsRow): Promise<void> {
  const day = new Date(at).toISOString().slice(0, 10).replaceAll('-', '/')
  const topicName = findings.resourceArn.split(':').at(-1)
  const Key = `AWSLogs/${ctx.account}/sns-data-protection/${ctx.region}/${topicName}/${day}/${id}.json`
  try {
    const Body = Buffer.from(`${JSON.stringify(findings)}\n`) as never
    await ctx.call('s3').PutObject({ Bucket, Key, Body, ContentType: 'application/json' })
  } catch (error) {
    if (!(error instanceof AwsError) || error.code !== 'NoSuchBucket') throw error
  }
}
