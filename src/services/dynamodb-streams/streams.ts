/** ListStreams and DescribeStream. A stream has one shard, open for as long as the stream is on. */
import { type ChangeStream, changeStreams, sequenceNumberOf } from '../../delivery/changeStreams.ts'
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'

const { ResourceNotFoundException } = awsErrors('dynamodb-streams')

const pageMax = 100

export const streamOperations = operations('dynamodb-streams', {
  async ListStreams(input, ctx) {
    const all = [...ctx.use(changeStreams).list(ctx)].filter(
      (stream) => input.TableName === undefined || stream.tableName === nameIn(input.TableName),
    )
    const after = all.findIndex((stream) => stream.arn === input.ExclusiveStartStreamArn)
    const limit = input.Limit ?? pageMax
    const page = all.slice(after + 1, after + 1 + limit)
    const isMore = after + 1 + limit < all.length
    return {
      Streams: page.map(({ arn, tableName, label }) => ({
        StreamArn: arn,
        TableName: tableName,
        StreamLabel: label,
      })),
      ...(isMore && { LastEvaluatedStreamArn: (page.at(-1) as ChangeStream).arn }),
    }
  },

  async DescribeStream(input, ctx) {
    const stream = mustGetStream(ctx, input.StreamArn)
    const isChildWanted = input.ShardFilter?.Type === 'CHILD_SHARDS'
    const isAfter = input.ExclusiveStartShardId !== undefined && input.ExclusiveStartShardId >= stream.shardId
    return {
      StreamDescription: {
        StreamArn: stream.arn,
        StreamLabel: stream.label,
        StreamStatus: stream.disabledAt === undefined ? ('ENABLED' as const) : ('DISABLED' as const),
        StreamViewType: stream.viewType as 'NEW_IMAGE',
        CreationRequestDateTime: new Date(stream.createdAt),
        TableName: stream.tableName,
        KeySchema: stream.keySchema,
        // Its only shard has no children.
        Shards: isAfter || isChildWanted ? [] : [shardOf(stream)],
      },
    }
  },
})

function nameIn(nameOrArn: string): string {
  return nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1)
}

export function mustGetStream(ctx: Context, arn: string): ChangeStream {
  const stream = ctx.use(changeStreams).get(ctx, arn)
  if (stream) return stream
  throw ResourceNotFoundException(`Requested resource not found: Stream: ${arn} not found`)
}

function shardOf(stream: ChangeStream) {
  const isClosed = stream.disabledAt !== undefined
  return {
    ShardId: stream.shardId,
    SequenceNumberRange: {
      StartingSequenceNumber: sequenceNumberOf(1),
      ...(isClosed && { EndingSequenceNumber: sequenceNumberOf(Math.max(stream.last, 1)) }),
    },
  }
}
