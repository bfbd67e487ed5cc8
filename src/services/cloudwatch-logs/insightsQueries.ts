/**
 * Logs Insights: queries that were started. Each is a row of work (insightsRunning.ts); a query that a kill cut is run
 * again from its start, for nothing of it shows before it is complete. It is kept with its result for seven days.
 */
import type { QueryInfo, QueryStatus } from '@aws-sdk/client-cloudwatch-logs'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { type Due, dueQueue } from '../../delivery/due.ts'
import { type CompiledQuery, compileInsights } from '../../engines/insights/compiler.ts'
import { InsightsError } from '../../engines/insights/insightsError.ts'
import type { ScanStatistics } from '../../engines/insights/running.ts'
import { collection } from '../../store/collection.ts'
import { awsErrors, NotImplemented } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import type { LogGroup } from './groups.ts'
import { namedGroups, type QueriedGroups, requestedGroups } from './insightsGroups.ts'
import { queryRuns } from './insightsRuns.ts'
import { checkLookup } from './lookupTables.ts'
import { decodeToken, encodeToken } from './pages.ts'

const { InvalidParameterException, LimitExceededException, MalformedQueryException, ResourceNotFoundException } =
  awsErrors('cloudwatch-logs')

export interface Query {
  id: string
  text: string
  groups: QueriedGroups
  from: Millis
  to: Millis
  limit?: number
  status: QueryStatus
  createdAt: Millis
  endedAt?: Millis
  callerArn: string
  statistics?: ScanStatistics & { groupsScanned: number; rows: number }
  /** Of the result's columns. */
  fields?: string[]
  /** Why it failed. */
  reason?: string
}

export const queries = collection<Query>('logs/queries', { version: 1, key: ({ id }) => [id] })

const queryOrder = collection<{ at: Millis; id: string }>('logs/query-order', {
  version: 1,
  key: ({ at, id }) => [at, id],
})

/** Those that wait or run. */
const openQueries = collection<{ id: string }>('logs/open-queries', { version: 1, key: ({ id }) => [id] })

export const queryQueue = dueQueue<Due>('logs/queries')

export const expiredQueries = dueQueue<Due>('logs/expired-queries')

const openMax = 30
const keptMillis = 7 * 86_400_000
const pageMax = 1_000
/** AWS takes seconds, and, from who gives them, milliseconds: no time in seconds is so large. */
const secondsMax = 100_000_000_000

export const queryOperations = operations('cloudwatch-logs', {
  async StartQuery(input, ctx) {
    const language = input.queryLanguage ?? 'CWLI'
    if (language !== 'CWLI') throw NotImplemented(`StartQuery with the queryLanguage ${language}`)
    const range = rangeOf(input)
    const query: Query = {
      id: ctx.random.uuid(),
      text: input.queryString,
      groups: requestedGroups(input, ctx),
      ...range,
      ...(input.limit !== undefined && { limit: input.limit }),
      status: 'Scheduled',
      createdAt: ctx.clock.now(),
      callerArn: ctx.caller.arn,
    }
    const { sources, standardOnly, lookups } = compiled(query, ctx)
    for (const lookup of lookups) checkLookup(ctx, lookup)
    for (const { source } of sources) {
      const found = namedGroups(source.clause, query.groups, ctx)
      if (standardOnly !== undefined) for (const group of found) mustKnowCommand(group, standardOnly)
    }
    await ctx.commit((tx) => {
      if (tx.in(openQueries).count() >= openMax) {
        throw LimitExceededException(`Account maximum query concurrency limit of [${openMax}] reached.`)
      }
      tx.in(queries).put(query)
      tx.in(queryOrder).put({ at: query.createdAt, id: query.id })
      tx.in(openQueries).put({ id: query.id })
      tx.due(queryQueue).put({ id: query.id, dueAt: tx.now, trace: tx.trace })
    })
    return { queryId: query.id }
  },

  async StopQuery(input, ctx) {
    mustGetQuery(ctx, input.queryId)
    const success = await ctx.commit((tx) => {
      const query = tx.in(queries).get(input.queryId)
      if (!query || isOver(query)) throw InvalidParameterException(`Query ID ${input.queryId} is not running.`)
      endQuery(tx, { ...query, status: 'Cancelled' })
      return true
    })
    ctx.use(queryRuns).cancel(input.queryId)
    return { success }
  },

  async DescribeQueries(input, ctx) {
    const { logGroupName, status, maxResults = pageMax, nextToken, queryLanguage = 'CWLI' } = input
    const last = nextToken === undefined ? undefined : decodeToken<[Millis, string]>(nextToken)
    const found: QueryInfo[] = []
    let after: [Millis, string] | undefined
    for (const { at, id } of ctx.in(queryOrder).list({ reverse: true, ...(last && { before: last }) })) {
      const query = ctx.in(queries).get(id)
      if (!query || queryLanguage !== 'CWLI' || (status && query.status !== status)) continue
      if (logGroupName !== undefined && !query.groups.names.includes(logGroupName)) continue
      if (found.length === maxResults) return { queries: found, ...(after && { nextToken: encodeToken(after) }) }
      found.push(shown(query, ctx))
      after = [at, id]
    }
    return { queries: found }
  },
})

function shown(query: Query, ctx: Context): QueryInfo {
  const [logGroupName] = query.groups.names
  return {
    queryLanguage: 'CWLI',
    queryId: query.id,
    queryString: query.text,
    status: query.status,
    createTime: query.createdAt,
    queryDuration: (query.endedAt ?? ctx.clock.now()) - query.createdAt,
    bytesScanned: query.statistics?.bytesScanned ?? 0,
    userIdentity: query.callerArn,
    ...(logGroupName !== undefined && { logGroupName }),
  }
}

/** Errors: InvalidParameterException. */
function mustKnowCommand(group: LogGroup, command: string): void {
  if (group.class === 'STANDARD') return
  throw InvalidParameterException(`The command ${command} is not supported for log groups of the class ${group.class}.`)
}

function rangeOf({ startTime, endTime }: { startTime: number; endTime: number }): { from: Millis; to: Millis } {
  if (endTime < startTime) throw InvalidParameterException('End time should be greater than or equal to start time.')
  // A second that is included is so to its last millisecond.
  return { from: millisOf(startTime), to: endTime < secondsMax ? millisOf(endTime) + 999 : endTime }
}

function millisOf(time: number): Millis {
  return time < secondsMax ? time * 1_000 : time
}

/** Errors: MalformedQueryException, NotImplemented. */
export function compiled(query: Query, { account, region }: Pick<Context, 'account' | 'region'>): CompiledQuery {
  const { text, limit, createdAt: now } = query
  try {
    return compileInsights(text, { account, region, now, ...(limit !== undefined && { limit }) })
  } catch (error) {
    if (!(error instanceof InsightsError)) throw error
    if (error.isUnsupported) throw NotImplemented(error.message.replace(/ is not supported.*$/, ' in Logs Insights'))
    const { start, end } = error.span
    const line = text.slice(0, start).split('\n')
    const place = ` at line ${line.length} and position ${(line[line.length - 1] ?? '').length}`
    const message = error.message.startsWith('unexpected symbol') ? placed(error.message, place) : error.message
    const location = { startCharOffset: start, endCharOffset: Math.max(end, start) }
    throw MalformedQueryException(message, { queryCompileError: { location, message } })
  }
}

function placed(message: string, place: string): string {
  return message.includes(', expected') ? message.replace(', expected', `${place}, expected`) : `${message}${place}`
}

export function isOver({ status }: Query): boolean {
  return status !== 'Scheduled' && status !== 'Running'
}

/** Errors: ResourceNotFoundException. */
export function mustGetQuery(place: Pick<Context | Tx, 'in'>, id: string): Query {
  const query = place.in(queries).get(id)
  if (!query) throw ResourceNotFoundException(`The specified query ${id} does not exist.`)
  return query
}

/** Keeps how it ended; seven days later it is gone. */
export function endQuery(tx: Tx, query: Query): void {
  tx.in(queries).put({ ...query, endedAt: tx.now })
  tx.in(openQueries).delete(query.id)
  tx.due(queryQueue).delete(query.id)
  tx.due(expiredQueries).put({ id: query.id, dueAt: tx.now + keptMillis })
}

export function forgetQuery(tx: Tx, id: string): void {
  const query = tx.in(queries).get(id)
  if (query) tx.in(queryOrder).delete(query.createdAt, id)
  tx.in(queries).delete(id)
}
