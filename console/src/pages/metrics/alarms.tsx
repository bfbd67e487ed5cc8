/** Alarms: how each stands and why, what it watches drawn with its threshold, its history, and a way to try its actions. */
import type { JSX } from 'preact'
import { ago, moment, t } from '../../language/text.ts'
import { Button, Card, Empty, Facts, Shown, Status } from '../../parts/blocks.tsx'
import { Chart } from '../../parts/chart.tsx'
import { Choices } from '../../parts/choices.tsx'
import type { Threshold } from '../../parts/plot.ts'
import { act } from '../../parts/toasts.tsx'
import { link } from '../../router.ts'
import { aws, type Output } from '../../server/aws.ts'
import { serverNow } from '../../server/clock.ts'
import { useLive } from '../../server/live.ts'
import { linesFor, queryOf } from './metricQuery.ts'

const watchedMinutes = 180
const stateOrder: Record<string, number> = { ALARM: 0, INSUFFICIENT_DATA: 1, OK: 2 }

export function Alarms({ chosen }: { chosen: string | undefined }): JSX.Element {
  const live = useLive('alarms', findAlarms, 2_000)
  return (
    <Shown live={live}>
      {(alarms) => {
        if (alarms.length === 0)
          return (
            <Card>
              <Empty icon="alarm" title={t('No alarm')}>
                <p>{t('An alarm watches a metric and tells a topic, a function or a bus.')}</p>
              </Empty>
            </Card>
          )
        const opened = alarms.find(({ AlarmName }) => AlarmName === chosen) ?? alarms[0]
        return (
          <div class="split" style={{ '--left': '34%' }}>
            <Choices
              title={t('Alarms')}
              items={alarms}
              chosen={opened}
              keyOf={(alarm) => alarm.AlarmName}
              hrefOf={(alarm) => link('metrics', ['alarms', alarm.AlarmName])}
            >
              {(alarm) => (
                <>
                  <span class="row">
                    <strong class="truncate">{alarm.AlarmName}</strong>
                    <span style={{ marginLeft: 'auto' }}>
                      <Status of={alarm.StateValue} />
                    </span>
                  </span>
                  <small>{ago(alarm.StateUpdatedTimestamp * 1000, serverNow())}</small>
                </>
              )}
            </Choices>
            <AlarmCards key={opened.AlarmName} alarm={opened} />
          </div>
        )
      }}
    </Shown>
  )
}

async function findAlarms(): Promise<Output[]> {
  const { MetricAlarms = [], CompositeAlarms = [] } = await aws('cloudwatch', 'DescribeAlarms', {
    AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
    MaxRecords: 100,
  })
  return [...CompositeAlarms, ...MetricAlarms].sort(
    (a, b) => (stateOrder[a.StateValue] ?? 3) - (stateOrder[b.StateValue] ?? 3),
  )
}

function AlarmCards({ alarm }: { alarm: Output }): JSX.Element {
  const name: string = alarm.AlarmName
  const history = useLive(
    `history of ${name}`,
    () =>
      aws('cloudwatch', 'DescribeAlarmHistory', {
        AlarmName: name,
        AlarmTypes: ['MetricAlarm', 'CompositeAlarm'],
        MaxRecords: 30,
      }),
    3_000,
  )
  return (
    <div class="stack">
      <Card
        title={
          <span class="row">
            {name} <Status of={alarm.StateValue} />
          </span>
        }
        actions={
          <>
            <Button onClick={() => turn(name, !alarm.ActionsEnabled)}>
              {alarm.ActionsEnabled ? t('Silence') : t('Let it speak')}
            </Button>
            <Button icon="alarm" onClick={() => ring(name)}>
              {t('Try its actions')}
            </Button>
          </>
        }
      >
        {alarm.StateReason && <p class="quiet-words reason">{alarm.StateReason}</p>}
        <Facts
          facts={[
            [t('What it is'), alarm.AlarmDescription],
            [t('Rings when'), ruleOf(alarm)],
            [t('Missing data'), alarm.TreatMissingData],
            [
              t('Tells'),
              (alarm.AlarmActions ?? []).map((arn: string) => (
                <code key={arn}>{arn.split(':').slice(5).join(':')} </code>
              )),
            ],
          ]}
        />
        {(alarm.MetricName || alarm.Metrics) && <Watched alarm={alarm} />}
      </Card>
      <Card flush title={t('History')}>
        <Shown live={history}>
          {({ AlarmHistoryItems = [] }) =>
            AlarmHistoryItems.length === 0 ? (
              <Empty icon="schedule" title={t('Nothing has happened yet')} />
            ) : (
              <ul class="list history">
                {AlarmHistoryItems.map((item: Output, at: number) => (
                  <li key={`${item.Timestamp} ${at}`}>
                    <time>{moment(item.Timestamp * 1000)}</time>
                    <span>{item.HistorySummary}</span>
                  </li>
                ))}
              </ul>
            )
          }
        </Shown>
      </Card>
    </div>
  )
}

function Watched({ alarm }: { alarm: Output }): JSX.Element {
  const queries: Output[] = alarm.Metrics ?? [
    queryOf(
      {
        namespace: alarm.Namespace,
        name: alarm.MetricName,
        dimensions: alarm.Dimensions ?? [],
        stat: alarm.Statistic ?? alarm.ExtendedStatistic,
        periodSeconds: alarm.Period,
        label: alarm.MetricName,
      },
      0,
    ),
  ]
  const live = useLive(`watched ${JSON.stringify(queries)}`, () => linesFor(queries, watchedMinutes), 5_000)
  return (
    <Shown live={live}>
      {({ lines, span }) => (
        <Chart
          lines={lines}
          span={span}
          label={alarm.AlarmName}
          height={200}
          {...(alarm.Threshold !== undefined && { thresholds: [thresholdOf(alarm)] })}
        />
      )}
    </Shown>
  )
}

const signs: Record<string, string> = {
  GreaterThanThreshold: '>',
  GreaterThanOrEqualToThreshold: '≥',
  LessThanThreshold: '<',
  LessThanOrEqualToThreshold: '≤',
}

function thresholdOf({ ComparisonOperator, Threshold: value }: Output): Threshold {
  return { value, label: `${signs[ComparisonOperator] ?? ''} ${value}` }
}

/** Of an expression, the longest of what it is made of. */
function periodOf({ Period, Metrics = [] }: Output): number {
  return Period ?? Math.max(...Metrics.map((query: Output) => query.Period ?? query.MetricStat?.Period ?? 0), 0)
}

function ruleOf(alarm: Output): string {
  if (alarm.AlarmRule) return alarm.AlarmRule
  const sign = signs[alarm.ComparisonOperator] ?? alarm.ComparisonOperator
  const wanted = alarm.DatapointsToAlarm ?? alarm.EvaluationPeriods
  const what = alarm.MetricName
    ? `${alarm.Statistic ?? alarm.ExtendedStatistic ?? ''} ${alarm.MetricName}`
    : t('the expression')
  return `${what} ${sign} ${alarm.Threshold ?? ''}, ${t('{m} of {n} periods of {s} s', { m: wanted, n: alarm.EvaluationPeriods, s: periodOf(alarm) })}`
}

function ring(name: string): void {
  void act(
    () =>
      aws('cloudwatch', 'SetAlarmState', {
        AlarmName: name,
        StateValue: 'ALARM',
        StateReason: 'Set by hand in the console',
      }),
    t('{name} rings, until it is evaluated again.', { name }),
  )
}

function turn(name: string, isOn: boolean): void {
  void act(
    () => aws('cloudwatch', isOn ? 'EnableAlarmActions' : 'DisableAlarmActions', { AlarmNames: [name] }),
    isOn ? t('{name} is enabled.', { name }) : t('{name} is disabled.', { name }),
  )
}
