/** A stream's record as a function and its filters see it, and what a function says of a batch. */
import { type ChangeRecord, type ChangeStream, numberOf, sequenceNumberOf } from '../../delivery/changeStreams.ts'
import type { Scope } from '../../store/collection.ts'

export function streamEventRecord({ region }: Scope, stream: ChangeStream, record: ChangeRecord) {
  const { keys, newImage, oldImage } = record
  return {
    eventID: record.eventId,
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: Math.floor(record.at / 1000),
      Keys: asJson(keys),
      ...(newImage && { NewImage: asJson(newImage) }),
      ...(oldImage && { OldImage: asJson(oldImage) }),
      SequenceNumber: sequenceNumberOf(record.number),
      SizeBytes: record.sizeBytes,
      StreamViewType: stream.viewType,
    },
    ...(record.isExpiry && { userIdentity: { principalId: 'dynamodb.amazonaws.com', type: 'Service' } }),
    eventSourceARN: stream.arn,
  }
}

/** Attribute values, with bytes as base64. */
function asJson(value: unknown): unknown {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (Array.isArray(value)) return value.map(asJson)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, asJson(member)]))
}

/**
 * The number of the first record that a partial batch response reports: it and all after it come again. Undefined where
 * nothing is reported; `first` where the response makes no sense, as AWS has it.
 */
export function firstFailed(payload: Uint8Array, numbers: readonly number[]): number | undefined {
  const first = numbers[0] as number
  const response = parsed(payload)
  if (response === null || response === undefined || response === '') return undefined
  if (typeof response !== 'object') return first
  const reported = (response as { batchItemFailures?: unknown }).batchItemFailures
  if (reported === undefined || reported === null) return undefined
  if (!Array.isArray(reported)) return first
  if (reported.length === 0) return undefined
  const failed = reported.map((item) => {
    const id = (item as { itemIdentifier?: unknown } | null)?.itemIdentifier
    return typeof id === 'string' ? numberOf(id) : undefined
  })
  const known = failed.filter((number) => number !== undefined && numbers.includes(number)) as number[]
  return known.length === failed.length ? Math.min(...known) : first
}

function parsed(payload: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(payload).toString('utf8'))
  } catch {
    return ''
  }
}
