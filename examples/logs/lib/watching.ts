/** Who looks after it: an alarm on the share of critical errors, and the day's picture. */
import { Duration } from 'aws-cdk-lib'
import {
  Alarm,
  AlarmWidget,
  ComparisonOperator,
  Dashboard,
  GraphWidget,
  LogQueryVisualizationType,
  LogQueryWidget,
  MathExpression,
  Metric,
  SingleValueWidget,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'

export interface WatchingProps {
  /** Its log has the metrics, as CloudWatch's embedded format. */
  functionName: string
  operators: Topic
}

/** Of a hundred events, this many critical ones are too many. */
const criticalPercentMax = 1

export class Watching extends Construct {
  constructor(scope: Construct, id: string, { functionName, operators }: WatchingProps) {
    super(scope, id)
    const [events, critical] = ['Events', 'CriticalErrors'].map(
      (metricName) => new Metric({ namespace: 'AppLogs', metricName, statistic: 'Sum', period: Duration.minutes(5) }),
    ) as [Metric, Metric]
    const share = new MathExpression({
      expression: '100 * critical / events',
      usingMetrics: { critical, events },
      label: 'critical errors, % of events',
      period: Duration.minutes(5),
    })
    const alarm = new Alarm(this, 'CriticalErrors', {
      alarmName: 'logs-critical-errors',
      alarmDescription: `More than ${criticalPercentMax} % of the events of five minutes are critical errors.`,
      metric: share,
      threshold: criticalPercentMax,
      comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
      evaluationPeriods: 1,
      treatMissingData: TreatMissingData.NOT_BREACHING,
    })
    alarm.addAlarmAction(new SnsAction(operators))
    alarm.addOkAction(new SnsAction(operators))

    const day = { period: Duration.minutes(5), width: 12 }
    new Dashboard(this, 'Dashboard', {
      dashboardName: 'logs',
      widgets: [
        [
          new GraphWidget({ title: 'Events and critical errors', left: [events], right: [critical], ...day }),
          new GraphWidget({ title: 'Share of critical errors', left: [share], ...day }),
        ],
        [
          new AlarmWidget({ title: 'Alarm', alarm, width: 12 }),
          new SingleValueWidget({ title: 'Today', metrics: [events, critical], setPeriodToTimeRange: true, width: 12 }),
        ],
        [
          new LogQueryWidget({
            title: 'Files read, and how long it took',
            logGroupNames: [`/aws/lambda/${functionName}`],
            view: LogQueryVisualizationType.TABLE,
            queryLines: ['filter @type = "REPORT"', 'stats count(*), avg(@duration), max(@duration) by bin(5m)'],
            width: 24,
          }),
        ],
      ],
    })
  }
}
