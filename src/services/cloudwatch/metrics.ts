/** Metrics: which there are, by namespace, name and dimensions. Their values are in slots.ts. */
import { createHash } from 'node:crypto'
import type { Millis } from '../../clock.ts'
import type { Context, Tx } from '../../delivery/context.ts'
import { Remembered } from '../../delivery/remembered.ts'
import { singleton } from '../../delivery/singleton.ts'
import type { MetricName } from '../../engines/metrics/series.ts'
import { collection } from '../../store/collection.ts'
import { operations } from '../service.ts'
import { flushMeters } from './meterDraining.ts'
import { listPage } from './pages.ts'

export interface Metric extends MetricName {
  id: string
  /** Of its earliest value. */
  firstAt: Millis
  /** When values last came, within a few minutes. */
  putAt: Millis
  /** Whether some were ever kept by the second: else nobody looks for such. */
  hasSeconds: boolean
}

export const metrics = collection<Metric>('cloudwatch/metrics', {
  version: 2,
  // Each value asks for its own.
  kept: true,
  key: ({ namespace, name, id }) => [namespace, name, id],
  migrate: (record) => ({ ...(record as Omit<Metric, 'hasSeconds'>), hasSeconds: true }),
})

const minuteMillis = 60_000
/** So exact is `putAt`: else each value would write its metric too. */
const putAtMillis = 5 * minuteMillis
const recentMillis = 180 * minuteMillis + putAtMillis
/** AWS lists a metric for two weeks after its last value. */
const listedMillis = 14 * 24 * 60 * minuteMillis
const pageSize = 500

/** The dimensions in the order of their names: AWS knows a metric by the set of them. */
export function metricName(
  namespace: string,
  name: string,
  dimensions: readonly { Name?: string | undefined; Value?: string | undefined }[] = [],
): MetricName {
  const sorted = dimensions.map(({ Name = '', Value = '' }) => ({ name: Name, value: Value }))
  return { namespace, name, dimensions: sorted.sort((a, b) => (a.name < b.name ? -1 : 1)) }
}

/** What its values are kept under. */
export function metricId(metric: MetricName): string {
  return idOf(textOf(metric))
}

function textOf({ namespace, name, dimensions }: MetricName): string {
  return JSON.stringify([namespace, name, ...dimensions.map((each) => [each.name, each.value])])
}

function idOf(text: string): string {
  return createHash('sha1').update(text).digest('base64url').slice(0, 16)
}

const idsMax = 20_000

/** Ids of the metrics that values come for. */
const knownIds = singleton('metric ids', ({ store }) => new Remembered<string>(store, idsMax))

function knownIdOf(tx: Tx, metric: MetricName): string {
  const text = textOf(metric)
  const known = tx.use(knownIds)
  let id = known.get(text)
  if (id === undefined) {
    id = idOf(text)
    known.set(text, id)
  }
  return id
}

export function getMetric(reader: Pick<Context, 'in'>, metric: MetricName): Metric | undefined {
  return reader.in(metrics).get(metric.namespace, metric.name, metricId(metric))
}

/** Called with each value: makes the metric, or says that it lives. */
export function touchMetric(tx: Tx, metric: MetricName, { at, tier }: { at: Millis; tier: number }): string {
  const id = knownIdOf(tx, metric)
  const known = tx.in(metrics).get(metric.namespace, metric.name, id)
  const { now } = tx
  const hasSeconds = tier === 1 || (known?.hasSeconds ?? false)
  if (!known) tx.in(metrics).put({ ...metric, id, firstAt: at, putAt: now, hasSeconds })
  else if (at < known.firstAt || now - known.putAt >= putAtMillis || hasSeconds !== known.hasSeconds) {
    tx.in(metrics).put({ ...known, firstAt: Math.min(at, known.firstAt), putAt: now, hasSeconds })
  }
  return id
}

/** Those that had values in the last two weeks, in order; of one namespace, or all. */
export function* liveMetrics(
  reader: Pick<Context, 'in'>,
  now: Millis,
  { namespace, name }: { namespace?: string | undefined; name?: string | undefined } = {},
): Iterable<Metric> {
  const prefix = namespace === undefined ? [] : name === undefined ? [namespace] : [namespace, name]
  for (const metric of reader.in(metrics).list({ prefix })) {
    if (now - metric.putAt <= listedMillis && (name === undefined || metric.name === name)) yield metric
  }
}

export function dimensionsOf({ dimensions }: MetricName): { Name: string; Value: string }[] {
  return dimensions.map(({ name, value }) => ({ Name: name, Value: value }))
}

export const metricOperations = operations('cloudwatch', {
  async ListMetrics(input, ctx) {
    await flushMeters(ctx)
    const now = ctx.clock.now()
    const wanted = { namespace: input.Namespace, name: input.MetricName }
    const found = [...liveMetrics(ctx, now, wanted)].filter(
      (metric) =>
        (!input.RecentlyActive || now - metric.putAt <= recentMillis) &&
        (input.Dimensions ?? []).every(({ Name, Value }) =>
          metric.dimensions.some(({ name, value }) => name === Name && (Value === undefined || value === Value)),
        ),
    )
    const { items, nextToken } = listPage(found, ({ namespace, name, id }) => [namespace, name, id], {
      token: input.NextToken,
      limit: pageSize,
    })
    const Metrics = items.map((metric) => ({
      Namespace: metric.namespace,
      MetricName: metric.name,
      Dimensions: dimensionsOf(metric),
    }))
    const OwningAccounts = input.IncludeLinkedAccounts ? { OwningAccounts: items.map(() => ctx.account) } : {}
    return { Metrics, ...OwningAccounts, ...(nextToken && { NextToken: nextToken }) }
  },
})
