/** StartLiveTail: a stream of updates, one a second, until the client leaves or three hours have passed. */
import type { StartLiveTailResponseStream } from '@aws-sdk/client-cloudwatch-logs'
import { stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { compileFilter } from './filters.ts'
import { groupName, mustBeStandard, mustGetGroup } from './groups.ts'
import { liveTails, type TailWanted } from './liveTails.ts'

const { InvalidParameterException } = awsErrors('cloudwatch-logs')

const sessionMillisecondsMax = 3 * 3_600_000

export const liveTailOperations = operations('cloudwatch-logs', {
  async StartLiveTail(input, ctx) {
    const found = input.logGroupIdentifiers.map((identifier) => mustGetGroup(ctx, groupName(identifier)))
    for (const group of found) mustBeStandard(group)
    const groups = found.map(({ name }) => name)
    const {
      logStreamNames: streams = [],
      logStreamNamePrefixes: streamPrefixes = [],
      logEventFilterPattern = '',
    } = input
    checkStreams(groups, streams, streamPrefixes)
    const { passes } = compileFilter(logEventFilterPattern)
    const session = { requestId: ctx.requestId, sessionId: ctx.random.uuid(), logEventFilterPattern, ...input }
    return { responseStream: updates(ctx, session, { scope: ctx, groups, streams, streamPrefixes, passes }) }
  },
})

/** Errors: InvalidParameterException. */
function checkStreams(groups: readonly string[], streams: readonly string[], prefixes: readonly string[]): void {
  if (streams.length > 0 && prefixes.length > 0) {
    throw InvalidParameterException('logStreamNames and logStreamNamePrefixes cannot be used together.')
  }
  if (groups.length > 1 && (streams.length > 0 || prefixes.length > 0)) {
    throw InvalidParameterException('Log streams can be named only of one log group.')
  }
}

type SessionStart = NonNullable<StartLiveTailResponseStream['sessionStart']>

async function* updates(
  ctx: Context,
  sessionStart: SessionStart,
  wanted: TailWanted,
): AsyncGenerator<StartLiveTailResponseStream> {
  const tails = ctx.use(liveTails)
  const tail = tails.watch(wanted)
  const startedAt = stopwatch.now()
  try {
    yield { sessionStart } as StartLiveTailResponseStream
    while (!tails.isClosed && stopwatch.now() - startedAt < sessionMillisecondsMax) {
      await tails.nextUpdate()
      const { events, sampled } = tail.take()
      yield { sessionUpdate: { sessionMetadata: { sampled }, sessionResults: events } } as StartLiveTailResponseStream
    }
  } finally {
    tails.leave(tail)
  }
}
