/**
 * Metrics of requests, for the services whose metrics AWS makes of them: S3's request metrics and DynamoDB's.
 * Names and dimensions: docs.aws.amazon.com, Amazon S3 User Guide, "Metrics and dimensions"; Amazon DynamoDB Developer Guide,
 * "DynamoDB Metrics and dimensions".
 */
import type { Context } from '../../delivery/context.ts'
import { measureNow } from '../../delivery/metering.ts'
import type { OperationEnd, OperationMeter } from '../../delivery/operationMeter.ts'
import type { Measure } from '../../observe/ownMetrics.ts'

export const requestMeter: OperationMeter = {
  services: new Set(['s3', 'dynamodb'] as const),
  ended(ctx, service, end) {
    if (service === 's3') bucketRequest(ctx, end)
    else tableRequest(ctx, end)
  },
}

const count = (name: string, value = 1): Measure => ({ name, unit: 'Count', value })
const millis = (name: string, value: number): Measure => ({ name, unit: 'Milliseconds', value: Math.round(value) })
const bytes = (name: string, value: unknown): Measure[] =>
  typeof value === 'number' && value > 0 ? [{ name, unit: 'Bytes', value }] : []

/** As of a filter for the whole bucket, which AWS wants to be configured first. */
function bucketRequest(ctx: Context, { operation, input, output, error, milliseconds }: OperationEnd): void {
  const { Bucket } = input
  if (typeof Bucket !== 'string') return
  const { named, counted } = kindOf(operation)
  const group = error ? Math.floor(error.status / 100) : 2
  const measures = [
    ...counted,
    group === 4 ? refused : notRefused,
    group === 5 ? failed : notFailed,
    millis('TotalRequestLatency', milliseconds),
    millis('FirstByteLatency', milliseconds),
  ]
  if (named === 'Put' && !error) measures.push(...bytes('BytesUploaded', input.ContentLength))
  if (named === 'Get') measures.push(...bytes('BytesDownloaded', output?.ContentLength))
  measureNow(ctx, { namespace: 'AWS/S3', dimensions: [{ BucketName: Bucket, FilterId: 'EntireBucket' }] }, ...measures)
}

// Made once: almost every request measures the same.
const [refused, notRefused] = [count('4xxErrors', 1), count('4xxErrors', 0)]
const [failed, notFailed] = [count('5xxErrors', 1), count('5xxErrors', 0)]

interface Kind {
  named: string | undefined
  counted: readonly Measure[]
}

const kinds = new Map<string, Kind>()

/** What S3 counts the operation's requests under; undefined: among all requests alone. */
function kindOf(operation: string): Kind {
  const known = kinds.get(operation)
  if (known) return known
  const first = /^(Get|Head|Put|Delete|List|Post|Select)/.exec(operation)?.[1]
  const isList = /^List(Objects|ObjectVersions|MultipartUploads)/.test(operation)
  const isDelete = operation === 'DeleteObject'
  const isPost = operation === 'DeleteObjects' || /MultipartUpload$/.test(operation)
  const named = isList ? 'List' : isPost ? 'Post' : first === 'Delete' && !isDelete ? undefined : first
  const kind = { named, counted: [count('AllRequests'), ...(named ? [count(`${named}Requests`)] : [])] }
  kinds.set(operation, kind)
  return kind
}

function tableRequest(ctx: Context, { operation, input, output, error, milliseconds }: OperationEnd): void {
  const { TableName } = input
  const namespace = 'AWS/DynamoDB'
  if (error) {
    failedTableRequest(ctx, operation, TableName, error)
    return
  }
  if (typeof TableName !== 'string') return
  const returned =
    operation === 'Query' || operation === 'Scan' ? [count('ReturnedItemCount', Number(output?.Count ?? 0))] : []
  measureNow(
    ctx,
    { namespace, dimensions: [{ TableName, Operation: operation }] },
    millis('SuccessfulRequestLatency', milliseconds),
    ...returned,
  )
}

const throttling = new Set(['ProvisionedThroughputExceededException', 'ThrottlingException', 'RequestLimitExceeded'])

function failedTableRequest(
  ctx: Context,
  Operation: string,
  TableName: unknown,
  { code, status }: NonNullable<OperationEnd['error']>,
): void {
  const namespace = 'AWS/DynamoDB'
  if (typeof TableName === 'string') {
    const ofOperation = { namespace, dimensions: [{ TableName, Operation }] }
    if (throttling.has(code)) measureNow(ctx, ofOperation, count('ThrottledRequests'))
    if (status >= 500) measureNow(ctx, ofOperation, count('SystemErrors'))
    if (code === 'ConditionalCheckFailedException') {
      measureNow(ctx, { namespace, dimensions: [{ TableName }] }, count('ConditionalCheckFailedRequests'))
    }
  }
  const isUserError = status < 500 && !throttling.has(code) && code !== 'ConditionalCheckFailedException'
  if (isUserError) measureNow(ctx, { namespace, dimensions: [{}] }, count('UserErrors'))
}
