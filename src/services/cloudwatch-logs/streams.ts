/** Log streams of a group: made, listed, deleted. */
import type { Context, Tx } from '../../delivery/context.ts'
import type { Scope } from '../../store/collection.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { groupArn, type LogGroup, mustGetGroup, namedGroup } from './groups.ts'
import { pageOf } from './pages.ts'
import { purges } from './purges.ts'
import { type LogStream, streams } from './streamRecords.ts'

const { InvalidParameterException, ResourceAlreadyExistsException, ResourceNotFoundException } =
  awsErrors('cloudwatch-logs')

/** Errors: ResourceNotFoundException. */
export function mustGetStream(place: Pick<Context | Tx, 'in'>, group: LogGroup, name: string): LogStream {
  const stream = place.in(streams).get(group.id, name)
  if (!stream) throw ResourceNotFoundException('The specified log stream does not exist.')
  return stream
}

export function newStream(tx: Tx, group: LogGroup, name: string): LogStream {
  return { groupId: group.id, name, id: tx.random.uuid(), createdAt: tx.now, batches: 0 }
}

export const streamOperations = operations('cloudwatch-logs', {
  async CreateLogStream(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, input.logGroupName)
      if (tx.in(streams).has(group.id, input.logStreamName)) {
        throw ResourceAlreadyExistsException('The specified log stream already exists')
      }
      tx.in(streams).put(newStream(tx, group, input.logStreamName))
    })
    return {}
  },

  async DeleteLogStream(input, ctx) {
    await ctx.commit((tx) => {
      const group = mustGetGroup(tx, input.logGroupName)
      const stream = mustGetStream(tx, group, input.logStreamName)
      tx.in(streams).delete(group.id, stream.name)
      tx.due(purges).put({ id: stream.id, dueAt: tx.now, groupId: group.id, streamId: stream.id })
    })
    return {}
  },

  async DescribeLogStreams(input, ctx) {
    const { logStreamNamePrefix = '', orderBy = 'LogStreamName', descending = false, nextToken: token, limit } = input
    const group = mustGetGroup(ctx, namedGroup(input))
    if (orderBy === 'LastEventTime' && input.logStreamNamePrefix !== undefined) {
      throw InvalidParameterException('Cannot order by LastEventTime with a logStreamNamePrefix.')
    }
    const found = [...ctx.in(streams).list({ prefix: [group.id], startsWith: logStreamNamePrefix })]
    const keyOf = orderBy === 'LastEventTime' ? lastEventKey : (stream: LogStream) => stream.name
    const sorted = found.sort((left, right) => (keyOf(left) < keyOf(right) ? -1 : 1))
    if (descending) sorted.reverse()
    const { items, nextToken } = pageOf(sorted, keyOf, { token, limit, descending })
    return { logStreams: items.map((stream) => describe(stream, group, ctx)), ...(nextToken && { nextToken }) }
  },
})

/** Ordered as text, with the name to tell equal times apart. */
function lastEventKey({ lastEventAt, createdAt, name }: LogStream): string {
  return `${String(lastEventAt ?? createdAt).padStart(15, '0')} ${name}`
}

function describe(stream: LogStream, group: LogGroup, scope: Scope) {
  const { name, createdAt, firstEventAt, lastEventAt, lastIngestedAt, batches } = stream
  return {
    logStreamName: name,
    creationTime: createdAt,
    arn: `${groupArn(group.name, scope)}:log-stream:${name}`,
    storedBytes: 0,
    uploadSequenceToken: sequenceToken(batches),
    ...(firstEventAt !== undefined && { firstEventTimestamp: firstEventAt }),
    ...(lastEventAt !== undefined && { lastEventTimestamp: lastEventAt }),
    ...(lastIngestedAt !== undefined && { lastIngestionTime: lastIngestedAt }),
  }
}

/** Tokens are still given out, and no longer asked for: any one is taken. */
export function sequenceToken(batches: number): string {
  return String(batches + 1).padStart(56, '4')
}
