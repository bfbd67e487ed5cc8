/**
 * A metric widget's rows as queries: `["AWS/Lambda", "Errors", "FunctionName", "f", {…}]`, with `.` for what stands above and
 * `...` for all that does.
 * Syntax: docs.aws.amazon.com, CloudWatch API Reference, "Metric Widget Structure", "metrics".
 */
import type { MetricDataQuery } from '@aws-sdk/client-cloudwatch'

export interface WidgetRow {
  query: MetricDataQuery
  colour?: string | undefined
}

interface RowOptions {
  id?: string
  label?: string
  expression?: string
  stat?: string
  period?: number
  visible?: boolean
  color?: string
}

export interface Widget {
  metrics?: unknown[]
  stat?: string
  period?: number
}

const defaultPeriod = 300

/** Undefined where a row says nothing that could be drawn. */
export function widgetRows({
  metrics = [],
  stat = 'Average',
  period = defaultPeriod,
}: Widget): WidgetRow[] | undefined {
  const rows: WidgetRow[] = []
  let above: string[] = []
  for (const [index, row] of metrics.entries()) {
    if (!Array.isArray(row)) return undefined
    const last = row.at(-1)
    const options: RowOptions = typeof last === 'object' && last !== null ? (last as RowOptions) : {}
    const written = row.filter((part) => typeof part === 'string')
    const { id = `q${index + 1}`, label, expression, visible = true, color } = options
    const shared = { Id: id, ...(label && { Label: label }), ReturnData: visible }
    if (expression) {
      rows.push({ query: { ...shared, Expression: expression, Period: options.period ?? period }, colour: color })
      continue
    }
    const names = spelledOut(written, above)
    const [Namespace, MetricName, ...pairs] = names
    if (!Namespace || !MetricName || pairs.length % 2 !== 0) return undefined
    above = names
    const Dimensions = pairs.flatMap((Name, at) => (at % 2 === 0 ? [{ Name, Value: pairs[at + 1] ?? '' }] : []))
    const Metric = { Namespace, MetricName, Dimensions }
    const MetricStat = { Metric, Period: options.period ?? period, Stat: options.stat ?? stat }
    rows.push({ query: { ...shared, MetricStat }, colour: color })
  }
  return rows
}

function spelledOut(written: readonly string[], above: readonly string[]): string[] {
  const gap = written.indexOf('...')
  if (gap < 0) return written.map((part, at) => (part === '.' ? (above[at] ?? part) : part))
  const after = written.slice(gap + 1)
  return [...above.slice(0, above.length - after.length), ...after]
}
