/**
 * Default values of metric filters: for each minute in which a group took events and none of them passed, the value is
 * measured once, when the minute is over. Source: User Guide, "Creating metrics from log events using filters".
 */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import type { LogGroup } from './groups.ts'
import { sinkIfAny } from './measuring.ts'
import { type MetricFilter, metricFilters } from './metricFilters.ts'

export interface FilteredMinute extends Due {
  groupName: string
  filterName: string
  minute: Millis
  isMatched: boolean
}

export const filteredMinutes = dueQueue<FilteredMinute>('logs/filtered-minutes')
const minuteMillis = 60_000

/** Called with every put into a group, for each of its filters. */
export function noteMinute(tx: Tx, group: LogGroup, { name, transformation }: MetricFilter, isMatched: boolean): void {
  if (transformation.defaultValue === undefined) return
  const minute = tx.now - (tx.now % minuteMillis)
  const id = `${minute}/${group.id}/${name}`
  const before = tx.due(filteredMinutes).get(id)
  if (before && (before.isMatched || !isMatched)) return
  const place = { groupName: group.name, filterName: name, minute, isMatched }
  tx.due(filteredMinutes).put({ id, dueAt: minute + minuteMillis, ...place })
}

export const filteredMinuteWorker = worker('logs/filtered-minutes', {
  queue: filteredMinutes,
  async run({ id, groupName, filterName, minute, isMatched }, ctx) {
    await ctx.commit((tx) => {
      tx.due(filteredMinutes).delete(id)
      const filter = tx.in(metricFilters).get(groupName, filterName)
      if (filter && !isMatched) putDefault(tx, filter, minute)
    })
  },
})

function putDefault(tx: Tx, { transformation }: MetricFilter, at: Millis): void {
  const { metricName: name, metricNamespace, defaultValue, unit = 'None' } = transformation
  if (defaultValue === undefined) return
  tx.use(sinkIfAny)?.put(tx, metricNamespace, [{ name, at, unit, values: [defaultValue] }])
}
