/** GetShardIterator and GetRecords. */
import type { Millis } from '../../clock.ts'
import {
  type ChangeRecord,
  type ChangeStream,
  changeStreams,
  numberOf,
  sequenceNumberOf,
} from '../../delivery/changeStreams.ts'
import type { Context } from '../../delivery/context.ts'
import { awsError, awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { iteratorFrom, spelled } from './iterators.ts'
import { mustGetStream } from './streams.ts'

const { ResourceNotFoundException, TrimmedDataAccessException } = awsErrors('dynamodb-streams')

const recordsMax = 1_000
const bytesMax = 1024 * 1024

export const recordOperations = operations('dynamodb-streams', {
  async GetShardIterator(input, ctx) {
    const stream = mustGetStream(ctx, input.StreamArn)
    mustHaveShard(stream, input.ShardId)
    const now = ctx.clock.now()
    const number = startOf(ctx, stream, input)
    return { ShardIterator: spelled({ streamArn: stream.arn, shardId: stream.shardId, number, madeAt: now }) }
  },

  async GetRecords(input, ctx) {
    const now = ctx.clock.now()
    const { streamArn, shardId, number } = iteratorFrom(input.ShardIterator, now)
    const stream = mustGetStream(ctx, streamArn)
    mustHaveShard(stream, shardId)
    const found: ChangeRecord[] = []
    let bytes = 0
    for (const record of ctx.use(changeStreams).read(ctx, stream, { number, now })) {
      if (found.length === 0) mustNotBeTrimmed(record.number, number)
      bytes += record.sizeBytes
      if (found.length > 0 && bytes > bytesMax) break
      found.push(record)
      if (found.length === (input.Limit ?? recordsMax)) break
    }
    if (found.length === 0) mustNotBeTrimmed(stream.last + 1, number)
    const next = (found.at(-1)?.number ?? number - 1) + 1
    const isEnd = stream.disabledAt !== undefined && next > stream.last
    return {
      Records: found.map((record) => described(ctx, stream, record)),
      ...(!isEnd && { NextShardIterator: spelled({ streamArn, shardId, number: next, madeAt: now }) }),
    }
  },
})

function mustHaveShard(stream: ChangeStream, shardId: string): void {
  if (stream.shardId === shardId) return
  throw ResourceNotFoundException(
    `Requested resource not found: Shard does not exist: StreamArn: ${stream.arn}, ShardId: ${shardId}`,
  )
}

interface Start {
  ShardIteratorType: string
  SequenceNumber?: string | undefined
}

function startOf(ctx: Context, stream: ChangeStream, { ShardIteratorType: type, SequenceNumber }: Start): number {
  const first = () => firstKept(ctx, stream, ctx.clock.now())
  if (type === 'LATEST') return stream.last + 1
  if (type === 'TRIM_HORIZON') return first()
  if (SequenceNumber === undefined) {
    throw awsError('ValidationException', `A SequenceNumber is required for the ShardIteratorType ${type}`)
  }
  const given = numberOf(SequenceNumber)
  if (given === undefined || given < 1 || given > stream.last + 1) {
    throw awsError('ValidationException', `Invalid SequenceNumber: ${SequenceNumber}`)
  }
  const number = type === 'AFTER_SEQUENCE_NUMBER' ? given + 1 : given
  if (number <= stream.last) mustNotBeTrimmed(first(), number)
  return number
}

function firstKept(ctx: Context, stream: ChangeStream, now: Millis): number {
  for (const { number } of ctx.use(changeStreams).read(ctx, stream, { number: 1, now })) return number
  return stream.last + 1
}

function mustNotBeTrimmed(first: number, wanted: number): void {
  if (wanted >= first) return
  throw TrimmedDataAccessException(
    'The operation attempted to read past the oldest stream record in a shard. The data you are trying to access has been trimmed.',
  )
}

function described(ctx: Context, { viewType }: ChangeStream, record: ChangeRecord) {
  const { keys, newImage, oldImage } = record
  return {
    eventID: record.eventId,
    eventName: record.eventName,
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: ctx.region,
    dynamodb: {
      // Whole seconds, as AWS gives them.
      ApproximateCreationDateTime: new Date(Math.floor(record.at / 1000) * 1000),
      Keys: keys as never,
      ...(newImage && { NewImage: newImage as never }),
      ...(oldImage && { OldImage: oldImage as never }),
      SequenceNumber: sequenceNumberOf(record.number),
      SizeBytes: record.sizeBytes,
      StreamViewType: viewType as 'NEW_IMAGE',
    },
    ...(record.isExpiry && { userIdentity: { PrincipalId: 'dynamodb.amazonaws.com', Type: 'Service' } }),
  }
}
