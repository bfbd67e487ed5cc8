/**
 * A widget's `metrics` as queries of GetMetricData. Each is `[namespace, name, dimension, value, …, {options}]`, where `.`
 * repeats what stood above and `...` all but the last words; or `[{expression}]`.
 */
import type { Output } from '../../server/aws.ts'

export function queriesOf(properties: Output): Output[] {
  let above: string[] = []
  const queries = (properties.metrics as Output[][]).map((row, at) => {
    const last = row.at(-1)
    const options: Output = typeof last === 'object' ? last : {}
    const words = row.filter((word) => typeof word === 'string')
    const shared = {
      Id: options.id ?? `m${at}`,
      ...(options.label && { Label: options.label }),
      ReturnData: options.visible !== false,
    }
    const Period = options.period ?? properties.period ?? 300
    if (options.expression) return { ...shared, Expression: options.expression, Period }
    above = spelledOut(words, above)
    const [Namespace, MetricName, ...dimensions] = above
    const Dimensions = dimensions.flatMap((Name, index) =>
      index % 2 === 0 ? [{ Name, Value: dimensions[index + 1] ?? '' }] : [],
    )
    return {
      ...shared,
      MetricStat: {
        Metric: { Namespace, MetricName, Dimensions },
        Period,
        Stat: options.stat ?? properties.stat ?? 'Average',
      },
    }
  })
  return queries.map((query) => toldApart(query, queries))
}

/** Metrics of one name are called by what their last dimensions have, as AWS labels them. */
function toldApart(query: Output, all: readonly Output[]): Output {
  const named = query.MetricStat?.Metric
  const last = named?.Dimensions.at(-1)?.Value
  const isAlone = all.filter((one) => one.MetricStat?.Metric.MetricName === named?.MetricName).length < 2
  return query.Label || last === undefined || isAlone ? query : { ...query, Label: last }
}

function spelledOut(words: string[], above: string[]): string[] {
  if (words[0] === '...') return [...above.slice(0, above.length - (words.length - 1)), ...words.slice(1)]
  return words.map((word, at) => (word === '.' ? (above[at] ?? '') : word))
}
