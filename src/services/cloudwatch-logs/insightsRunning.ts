/** Carries out queries: events into the engine, the result into pages, then, in one commit, all of it is there. */
import { type Millis, stopwatch } from '../../clock.ts'
import type { Context } from '../../delivery/context.ts'
import { worker } from '../../delivery/due.ts'
import type { DiffAgainst, SourceClause } from '../../engines/insights/ast.ts'
import type { SourcePlan } from '../../engines/insights/compiler.ts'
import { type EventBatch, InsightsRun, QueryCancelled } from '../../engines/insights/running.ts'
import { spareDatabase } from '../../engines/sql/spareDatabase.ts'
import { SqlError } from '../../engines/sql/sqlError.ts'
import { AwsError } from '../../wire/errors.ts'
import { EventPlaces, queriedEvents } from './insightsEvents.ts'
import { namedGroups } from './insightsGroups.ts'
import {
  compiled,
  endQuery,
  expiredQueries,
  forgetQuery,
  isOver,
  type Query,
  queries,
  queryQueue,
} from './insightsQueries.ts'
import { forgetPages, ResultPages } from './insightsResults.ts'
import { queryRuns } from './insightsRuns.ts'
import { checkLookup, readLookupTable } from './lookupTables.ts'

const runMillisMax = 60 * 60_000

export const insightsWorker = worker('logs/queries', {
  queue: queryQueue,
  concurrency: 4,
  async run(item, ctx) {
    const query = await ctx.commit((tx) => {
      const found = tx.in(queries).get(item.id)
      if (found && !isOver(found)) {
        tx.in(queries).put({ ...found, status: 'Running' })
        return found
      }
      tx.due(queryQueue).delete(item.id)
      return undefined
    })
    if (!query) return
    const end = await outcomeOf(query, ctx)
    await ctx.commit((tx) => {
      const latest = tx.in(queries).get(item.id)
      tx.due(queryQueue).delete(item.id)
      // A stop that came meanwhile has the last word.
      if (latest && !isOver(latest)) endQuery(tx, { ...latest, ...end })
    })
    ctx.use(spareDatabase).restock()
  },
})

type Outcome = Pick<Query, 'status'> & Partial<Query>

async function outcomeOf(query: Query, ctx: Context): Promise<Outcome> {
  let isLate = false
  try {
    const plan = compiled(query, ctx)
    const groupsOf = new Map(
      plan.sources.map((source) => [source, namedGroups(source.source.clause, query.groups, ctx)]),
    )
    const places = new EventPlaces()
    const { isUnmasked } = plan
    const read = async function* (source: SourcePlan, era: 0 | 1): AsyncIterable<EventBatch> {
      const range = rangeOf(query, source.source.clause)
      const { from, to } = era === 1 && plan.diff ? earlier(range, plan.diff) : range
      const wanted = { from, to, anyOf: source.anyOf, first: source.first, isUnmasked, places }
      for (const group of groupsOf.get(source) ?? []) yield* queriedEvents(ctx, group, wanted)
    }
    for (const lookup of plan.lookups) checkLookup(ctx, lookup)
    const lookupTable = (name: string) => readLookupTable(ctx, name)
    const run = new InsightsRun(plan, { read, pointerTo: (place) => places.pointerTo(place), lookupTable })
    ctx.use(queryRuns).add(query.id, run)
    const timer = stopwatch.after(runMillisMax, () => {
      isLate = true
      run.cancel()
    })
    try {
      const rows = await keepResult(query, run, ctx)
      const groupsScanned = new Set([...groupsOf.values()].flat().map(({ id }) => id)).size
      return { status: 'Complete', fields: plan.fields, statistics: { ...run.statistics, groupsScanned, rows } }
    } finally {
      timer.cancel()
      ctx.use(queryRuns).remove(query.id)
    }
  } catch (error) {
    if (error instanceof QueryCancelled) return { status: isLate ? 'Timeout' : 'Cancelled' }
    if (error instanceof SqlError || error instanceof AwsError) return { status: 'Failed', reason: reasonOf(error) }
    throw error
  }
}

/** Groups of long texts, each of which is another, are what is not spilled. */
function reasonOf(error: SqlError | AwsError): string {
  if (!(error instanceof SqlError) || error.code !== 'ENGINE_OUT_OF_MEMORY') return error.message
  return 'The query needs more memory than one may take (IGARAPE_SQL_MEMORY_MB): filter first, or group by shorter texts.'
}

async function keepResult({ id }: Query, run: InsightsRun, ctx: Context): Promise<number> {
  const pages = new ResultPages(id, ctx)
  for await (const rows of run.rows(ctx.use(spareDatabase))) await pages.add(rows)
  return pages.end()
}

/** `SOURCE … START=-1h END=0s` has a time of its own, before the end of the query's where it has a unit. */
function rangeOf({ from, to }: Query, clause: SourceClause | undefined): { from: Millis; to: Millis } {
  return { from: momentOf(clause?.from, to) ?? from, to: momentOf(clause?.to, to) ?? to }
}

const unitMillis: Record<string, number> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

function momentOf(text: string | undefined, end: Millis): Millis | undefined {
  if (text === undefined) return undefined
  const [, sign, digits, unit = 's'] = /^(-?)(\d+)([smhdw])?$/.exec(text) ?? []
  if (digits === undefined) return Date.parse(text) || undefined
  if (sign === '' && Number(digits) > 0) return Number(digits) * (digits.length > 11 ? 1 : 1_000)
  return end - Number(digits) * (unitMillis[unit] ?? 0)
}

const dayMillis = 86_400_000
const diffMillis: Record<DiffAgainst, number> = {
  previous: 0,
  previousDay: dayMillis,
  previousWeek: 7 * dayMillis,
  previousMonth: 30 * dayMillis,
}

function earlier({ from, to }: { from: Millis; to: Millis }, against: DiffAgainst): { from: Millis; to: Millis } {
  const millis = diffMillis[against] || to - from + 1
  return { from: from - millis, to: to - millis }
}

/** Seven days after its end a query is gone, with its result. */
export const expiredQueryWorker = worker('logs/expired-queries', {
  queue: expiredQueries,
  async run({ id }, ctx) {
    let isLeft = true
    while (isLeft) isLeft = await ctx.commit((tx) => forgetPages(tx, id))
    await ctx.commit((tx) => {
      forgetQuery(tx, id)
      tx.due(expiredQueries).delete(id)
    })
  },
})
