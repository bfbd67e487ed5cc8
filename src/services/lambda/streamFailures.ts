/** Where records go that a stream's mapping gives up: a queue or a topic is told of them, a bucket gets them too. */
import { type ChangeStream, sequenceNumberOf } from '../../delivery/changeStreams.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { functionArn, latest } from './identifiers.ts'
import type { StreamMapping } from './mappings.ts'
import type { FunctionVersion } from './records.ts'
import type { RunResult } from './runtime.ts'
import type { BatchRecord } from './streamBatches.ts'

export interface GivenUp {
  mapping: StreamMapping
  stream: ChangeStream
  records: readonly BatchRecord[]
  condition: 'RetryAttemptsExhausted' | 'RecordAgeExceeded'
  attempts: number
  requestId: string
  version: FunctionVersion | undefined
  /** Absent where the function never ran. */
  result?: RunResult
}

/** A bucket takes them before the place in the stream moves on: killed between the two, they are there twice. */
export async function putFailure(ctx: Context, given: GivenUp): Promise<void> {
  const arn = given.mapping.stream.onFailureArn
  if (arn?.split(':')[2] !== 's3') return
  const now = ctx.clock.now()
  const [day, time] = new Date(now).toISOString().split('T') as [string, string]
  const folder = `aws/lambda/${given.mapping.id}/${given.stream.shardId}/${day.replaceAll('-', '/')}`
  const payload = JSON.stringify(JSON.parse(`{"Records":[${given.records.map(({ text }) => text).join(',')}]}`))
  await ctx.call('s3').PutObject({
    Bucket: arn.split(':')[5],
    Key: `${folder}/${day}T${time.slice(0, 8).replaceAll(':', '.')}-${ctx.random.uuid()}`,
    Body: Buffer.from(JSON.stringify({ ...failureOf(ctx, given, now), payload })) as never,
    ContentType: 'application/json',
  })
}

/** A queue or a topic is told in the commit that moves the place. */
export function sendFailure(tx: Tx, given: GivenUp): void {
  const { mapping, version } = given
  const arn = mapping.stream.onFailureArn
  if (!arn || arn.split(':')[2] === 's3') return
  const sourceArn = functionArn(tx, mapping.functionName)
  const sender = { principal: 'lambda.amazonaws.com', sourceArn, ...(version && { roleArn: version.role }) }
  tx.deliver({ arn, payload: JSON.stringify(failureOf(tx, given, tx.now)), sender })
}

function failureOf(scope: Pick<Context, 'account' | 'region'>, given: GivenUp, now: number) {
  const { mapping, stream, records, result, version } = given
  const [first, last] = [records[0] as BatchRecord, records.at(-1) as BatchRecord]
  const second = (at: number) => `${new Date(at).toISOString().slice(0, 19)}Z`
  return {
    requestContext: {
      requestId: given.requestId,
      functionArn: functionArn(scope, mapping.functionName, mapping.qualifier ?? latest),
      condition: given.condition,
      approximateInvokeCount: given.attempts,
    },
    ...(result && {
      responseContext: {
        statusCode: 200,
        executedVersion: version?.version,
        functionError: result.functionError ?? null,
      },
    }),
    version: '1.0',
    timestamp: new Date(now).toISOString(),
    DDBStreamBatchInfo: {
      shardId: stream.shardId,
      startSequenceNumber: sequenceNumberOf(first.number),
      endSequenceNumber: sequenceNumberOf(last.number),
      approximateArrivalOfFirstRecord: second(first.at),
      approximateArrivalOfLastRecord: second(last.at),
      batchSize: records.length,
      streamArn: stream.arn,
    },
  }
}
