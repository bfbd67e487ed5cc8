/** What happened to alarms, for thirty days: configuration, states, actions; and the events that tell of configuration. */
import type { Millis } from '../../clock.ts'
import type { Tx } from '../../delivery/context.ts'
import { type Due, dueQueue, worker } from '../../delivery/due.ts'
import { longTime } from '../../engines/metrics/alarmReasons.ts'
import { collection } from '../../store/collection.ts'
import { operations } from '../service.ts'
import { describeAlarm } from './alarmDescriptions.ts'
import { configurationOf } from './alarmMessages.ts'
import { type Alarm, alarmArn, type StoredState } from './alarms.ts'
import { listPage } from './pages.ts'

export interface HistoryItem {
  alarm: string
  id: string
  at: Millis
  kind: Alarm['kind']
  type: 'ConfigurationUpdate' | 'StateUpdate' | 'Action'
  summary: string
  /** JSON text. */
  data: string
}

const history = collection<HistoryItem>('cloudwatch/alarm-history', {
  version: 1,
  key: ({ alarm, at, id }) => [alarm, at, id],
})

const keptMillis = 30 * 86_400_000
const forgottenAtOnceMax = 500
const dataCharactersMax = 4_095
const summaryCharactersMax = 255
const pageSize = 100

/** When an alarm's oldest item is to be forgotten, by the alarm's name: it may be gone, and its history is kept still. */
const historyEnds = dueQueue<Due>('cloudwatch/alarm-histories')

export const historyWorker = worker('cloudwatch/alarm-histories', {
  queue: historyEnds,
  async run({ id }, ctx) {
    let left = true
    while (left) left = await ctx.commit((tx) => forgetSome(tx, id))
  },
})

/** Whether some are left. */
function forgetSome(tx: Tx, name: string): boolean {
  const before = [name, tx.now - keptMillis + 1]
  const old = [...tx.in(history).list({ prefix: [name], before, limit: forgottenAtOnceMax })]
  for (const { at, id } of old) tx.in(history).delete(name, at, id)
  if (old.length === forgottenAtOnceMax) return true
  const first = tx.in(history).first({ prefix: [name] })
  if (first) tx.due(historyEnds).put({ id: name, dueAt: first.at + keptMillis })
  else tx.due(historyEnds).delete(name)
  return false
}

export function record(
  tx: Tx,
  { name, kind }: Pick<Alarm, 'name' | 'kind'>,
  item: Pick<HistoryItem, 'type' | 'summary'> & { data: object },
): void {
  if (!tx.due(historyEnds).get(name)) tx.due(historyEnds).put({ id: name, dueAt: tx.now + keptMillis })
  tx.in(history).put({
    alarm: name,
    id: tx.random.hex(12),
    at: tx.now,
    kind,
    type: item.type,
    summary: item.summary.slice(0, summaryCharactersMax),
    data: JSON.stringify(item.data).slice(0, dataCharactersMax),
  })
}

export function recordConfiguration(tx: Tx, alarm: Alarm, before: Alarm | undefined, isDeleted = false): void {
  const [type, done] = isDeleted ? ['Delete', 'deleted'] : before ? ['Update', 'updated'] : ['Create', 'created']
  const described = describeAlarm(tx, alarm)
  const data = { version: '1.0', type, [`${done}Alarm`]: described }
  record(tx, alarm, { type: 'ConfigurationUpdate', summary: `Alarm "${alarm.name}" ${done}`, data })
  tx.emit({
    source: 'aws.cloudwatch',
    'detail-type': 'CloudWatch Alarm Configuration Change',
    resources: [alarmArn(tx, alarm.name)],
    detail: {
      alarmName: alarm.name,
      operation: (type as string).toLowerCase(),
      state: { value: alarm.state.value, timestamp: longTime(alarm.state.updatedAt) },
      configuration: fullConfiguration(alarm),
      ...(before && !isDeleted && { previousConfiguration: fullConfiguration(before) }),
    },
  })
}

function fullConfiguration(alarm: Alarm): object {
  const rules =
    alarm.kind === 'metric'
      ? {
          evaluationPeriods: alarm.evaluationPeriods,
          ...(alarm.datapointsToAlarm !== undefined && { datapointsToAlarm: alarm.datapointsToAlarm }),
          ...(alarm.threshold !== undefined && { threshold: alarm.threshold }),
          ...(alarm.thresholdMetricId && { thresholdMetricId: alarm.thresholdMetricId }),
          comparisonOperator: alarm.comparison,
          ...(alarm.missingData && { treatMissingData: alarm.missingData }),
        }
      : {}
  return {
    ...configurationOf(alarm),
    ...rules,
    alarmName: alarm.name,
    actionsEnabled: alarm.actionsEnabled,
    timestamp: longTime(alarm.configuredAt),
    okActions: alarm.okActions,
    alarmActions: alarm.alarmActions,
    insufficientDataActions: alarm.insufficientDataActions,
  }
}

export function recordState(tx: Tx, alarm: Alarm, before: StoredState): void {
  const state = ({ value, reason, reasonData }: StoredState) => ({
    stateValue: value,
    stateReason: reason,
    ...(reasonData && { stateReasonData: jsonIn(reasonData) }),
  })
  const summary = `Alarm updated from ${before.value} to ${alarm.state.value}`
  const data = { version: '1.0', oldState: state(before), newState: state(alarm.state) }
  record(tx, alarm, { type: 'StateUpdate', summary, data })
}

function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

export const historyOperations = operations('cloudwatch', {
  async DescribeAlarmHistory(input, ctx) {
    const { AlarmName, AlarmTypes, HistoryItemType, StartDate, EndDate, ScanBy } = input
    const oldest = ctx.clock.now() - keptMillis
    const kinds = AlarmTypes?.map((type) => (type === 'CompositeAlarm' ? 'composite' : 'metric')) ?? ['metric']
    const found = [...ctx.in(history).list(AlarmName ? { prefix: [AlarmName] } : {})].filter(
      ({ at, kind, type }) =>
        at >= Math.max(oldest, StartDate?.getTime() ?? 0) &&
        at <= (EndDate?.getTime() ?? Number.POSITIVE_INFINITY) &&
        (AlarmName !== undefined || kinds.includes(kind)) &&
        (HistoryItemType === undefined || type === HistoryItemType),
    )
    const sign = ScanBy === 'TimestampAscending' ? 1 : -1
    const ordered = found
      .map((item, index) => ({ item, index }))
      .sort((a, b) => sign * (a.item.at - b.item.at || a.index - b.index))
      .map(({ item }, index) => ({ ...item, place: String(index).padStart(9, '0') }))
    const { items, nextToken } = listPage(ordered, ({ place }) => [place], {
      token: input.NextToken,
      limit: input.MaxRecords ?? pageSize,
    })
    const AlarmHistoryItems = items.map(({ alarm, at, kind, type, summary, data }) => ({
      AlarmName: alarm,
      AlarmType: kind === 'metric' ? ('MetricAlarm' as const) : ('CompositeAlarm' as const),
      Timestamp: new Date(at),
      HistoryItemType: type,
      HistorySummary: summary,
      HistoryData: data,
    }))
    return { AlarmHistoryItems, ...(nextToken && { NextToken: nextToken }) }
  },
})
