/**
 * Partitions that an expression lets through, in the order of their values. The keys' ranges are gone through from the
 * first to the last key that has some: above that one each value is found by a seek, so that a condition on the month
 * passes over the years, not over their days. Where a key has too many values for that, its ranges are read through.
 */
import type { Context } from '../../delivery/context.ts'
import type { PartitionFilter } from './partitionExpressions.ts'
import { all } from './partitionRanges.ts'
import { type Partition, partitions } from './partitions.ts'
import type { Table } from './tables.ts'

/** So many partitions of a key are looked at, to tell whether its values are worth a seek each. */
const sampleSize = 64
const valuesInSampleMax = 16

interface Search {
  ctx: Pick<Context, 'in'>
  place: [database: string, table: string]
  filter: PartitionFilter
  /** The last key that has ranges. */
  depth: number
  /** Only what lies behind it. */
  after: string[] | undefined
}

export function foundPartitions(
  ctx: Pick<Context, 'in'>,
  table: Table,
  filter: PartitionFilter,
  after?: string[],
): Iterable<Partition> {
  const depth = Math.max(0, ...filter.bounds.keys())
  return below({ ctx, place: [table.database, table.name], filter, depth, after }, [])
}

function* below(search: Search, values: string[]): Iterable<Partition> {
  const seeks = values.length < search.depth && hasFewValues(search, values)
  for (const range of search.filter.bounds.get(values.length) ?? [all]) {
    if (seeks) yield* valueByValue(search, values, range)
    else yield* readThrough(search, values, range)
  }
}

function* readThrough(search: Search, values: string[], { low, high }: { low: string; high: string }) {
  const level = values.length
  for (const partition of listed(search, values, { from: low })) {
    if ((partition.values[level] ?? '') > high) return
    if (search.filter.test(partition.values)) yield partition
  }
}

function* valueByValue(search: Search, values: string[], { low, high }: { low: string; high: string }) {
  const level = values.length
  let [next] = listed(search, values, { from: low, limit: 1 })
  while (next) {
    const value = next.values[level] ?? ''
    if (value > high) return
    yield* below(search, [...values, value])
    ;[next] = listed(search, values, { behind: value, limit: 1 })
  }
}

function hasFewValues(search: Search, values: string[]): boolean {
  const seen = new Set<string>()
  for (const partition of listed(search, values, { limit: sampleSize })) seen.add(partition.values[values.length] ?? '')
  return seen.size <= valuesInSampleMax
}

function listed(
  { ctx, place, after }: Search,
  values: string[],
  { from, behind, limit }: { from?: string; behind?: string; limit?: number },
): Iterable<Partition> {
  const prefix = [...place, ...values]
  // Of two places to begin behind, the later one counts.
  const start = behind === undefined ? undefined : [...prefix, behind]
  const isLater = after && (start === undefined || isBehind(after, [...values, behind as string]))
  const begin = isLater ? [...place, ...after] : start
  return ctx.in(partitions).list({
    prefix,
    ...(from && { from: [...prefix, from] }),
    ...(begin && { after: begin }),
    ...(limit !== undefined && { limit }),
  })
}

/** In the order of the store, by UTF-8; what begins with `other` is not behind all of it. */
function isBehind(one: readonly string[], other: readonly string[]): boolean {
  for (const [at, value] of other.entries()) {
    const order = Buffer.compare(Buffer.from(one[at] ?? ''), Buffer.from(value))
    if (order !== 0) return order > 0
  }
  return false
}
