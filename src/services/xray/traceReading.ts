/** Traces as operations find them: by id, or by a range of time, with a filter, a page at a time. */
import { createHash } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { type AssembledTrace, assembled } from './assembly.ts'
import { type FilteredTrace, matches } from './filterMatching.ts'
import { type Filter, parseFilter } from './filterParser.ts'
import { groupArn, groups } from './groups.ts'
import { traceTime } from './segmentDocuments.ts'
import { type KeptTrace, keptTraces, segments, traceUpdates } from './segments.ts'

const { InvalidRequestException } = awsErrors('xray')

export interface FoundTrace {
  kept: KeptTrace
  trace: AssembledTrace
}

/** A segment that ends within a range may belong to a trace that began so long before. */
const traceMillisMax = 86_400_000
/** Traces looked at for one page; one that looks at more goes on with the next. */
const lookedAtMax = 2_000

export function findTrace(ctx: Pick<Context, 'in'>, traceId: string): FoundTrace | undefined {
  const at = traceTime(traceId)
  const kept = at === undefined ? undefined : ctx.in(keptTraces).get(at, traceId)
  return kept && { kept, trace: traceOf(ctx, traceId) }
}

function traceOf(ctx: Pick<Context, 'in'>, traceId: string): AssembledTrace {
  const found = [...ctx.in(segments).list({ prefix: [traceId] })]
  return assembled(
    traceId,
    found.map(({ text }) => text),
  )
}

export interface TraceQuery {
  start: Millis
  end: Millis
  by?: string | undefined
  filter?: string | undefined
  /** The share of traces that is wanted, 0 to 1. */
  share?: number | undefined
}

export interface FoundPage {
  found: FoundTrace[]
  lookedAt: number
  /** Where the next page begins. */
  next?: [Millis, string]
}

export function searchTraces(
  ctx: Context,
  query: TraceQuery,
  page: { after?: [Millis, string]; limit: number },
): FoundPage {
  const test = testOf(ctx, query.filter)
  const found: FoundTrace[] = []
  let lookedAt = 0
  let last: [Millis, string] | undefined
  for (const [place, kept] of candidates(ctx, query, page.after)) {
    if (found.length === page.limit || lookedAt === lookedAtMax) return { found, lookedAt, ...(last && { next: last }) }
    last = place
    lookedAt++
    if (query.by === 'Service' && (kept.endedAt < query.start || kept.endedAt > query.end)) continue
    if (query.share !== undefined && chanceOf(kept.traceId) >= query.share) continue
    const trace = traceOf(ctx, kept.traceId)
    if (test(trace)) found.push({ kept, trace })
  }
  return { found, lookedAt }
}

/** All of them, for graphs. */
export function allTraces(ctx: Context, query: TraceQuery): FoundTrace[] {
  const all: FoundTrace[] = []
  let after: [Millis, string] | undefined
  do {
    const { found, next } = searchTraces(ctx, query, { limit: lookedAtMax, ...(after && { after }) })
    all.push(...found)
    after = next
  } while (after)
  return all
}

function* candidates(
  ctx: Context,
  { start, end, by = 'TraceId' }: TraceQuery,
  after: [Millis, string] | undefined,
): Iterable<[[Millis, string], KeptTrace]> {
  const before: [Millis] = [end + 1]
  if (by === 'Event') {
    for (const { updatedAt, traceId } of ctx
      .in(traceUpdates)
      .list({ ...(after ? { after } : { from: [start] }), before })) {
      const kept = ctx.in(keptTraces).get(traceTime(traceId) ?? 0, traceId)
      if (kept) yield [[updatedAt, traceId], kept]
    }
    return
  }
  // A trace's id names a whole second, and may be of one that began just before.
  const from: [Millis] = [by === 'Service' ? start - traceMillisMax : Math.floor(start / 1000) * 1000]
  for (const kept of ctx.in(keptTraces).list({ ...(after ? { after } : { from }), before })) {
    yield [[kept.at, kept.traceId], kept]
  }
}

/** Errors: InvalidRequestException for an expression that is none. */
function testOf(ctx: Context, expression: string | undefined): (trace: AssembledTrace) => boolean {
  if (!expression) return () => true
  const filter = parseFilter(expression)
  const group = groupFinder(ctx)
  return (trace) => matches(filter, { trace, account: ctx.account, group })
}

function groupFinder(ctx: Context): FilteredTrace['group'] {
  const known = new Map<string, Filter | undefined>()
  for (const group of ctx.in(groups).list()) {
    const { name, filterExpression } = group
    const filter = filterExpression ? parseFilter(filterExpression) : undefined
    known.set(`name ${name}`, filter)
    known.set(`arn ${groupArn(ctx, group)}`, filter)
  }
  return (by, value) => known.get(`${by} ${value}`)
}

/** The same for a trace at every asking. */
function chanceOf(traceId: string): number {
  return createHash('sha256').update(traceId).digest().readUInt32BE() / 2 ** 32
}

export function checkedRange({ StartTime, EndTime }: { StartTime: Date; EndTime: Date }): {
  start: Millis
  end: Millis
} {
  const [start, end] = [StartTime.getTime(), EndTime.getTime()]
  if (end < start) throw InvalidRequestException('StartTime must be before EndTime.')
  return { start, end }
}

export function tokenOf(place: unknown): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url')
}

/** Errors: InvalidRequestException. */
export function placeIn(token: string | undefined): [Millis, string] | undefined {
  if (token === undefined) return undefined
  try {
    const place = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown
    if (Array.isArray(place) && typeof place[0] === 'number' && typeof place[1] === 'string')
      return [place[0], place[1]]
  } catch {
    // Not JSON: the same answer as for JSON of another shape.
  }
  throw InvalidRequestException('The NextToken is invalid.')
}
