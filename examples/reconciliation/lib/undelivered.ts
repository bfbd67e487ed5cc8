/**
 * What could not be delivered, kept for people to look at, and told: events that a rule could not hand to its target,
 * and events that a function failed on after its retries. A date may hang on one of them, so the first is an alarm.
 */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { ComparisonOperator, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch'
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Queue } from 'aws-cdk-lib/aws-sqs'
import { Construct } from 'constructs'

export class Undelivered extends Construct {
  readonly queue: Queue

  constructor(scope: Construct, id: string, { analysts }: { analysts: Topic }) {
    super(scope, id)
    this.queue = new Queue(this, 'Queue', {
      queueName: 'reconciliation-undelivered',
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    })
    this.queue
      .metricApproximateNumberOfMessagesVisible({ period: Duration.minutes(1), statistic: 'Maximum' })
      .createAlarm(this, 'Waiting', {
        alarmName: 'reconciliation-undelivered',
        alarmDescription: 'An event was given up on: a date may not have been reconciled.',
        threshold: 0,
        comparisonOperator: ComparisonOperator.GREATER_THAN_THRESHOLD,
        evaluationPeriods: 1,
        treatMissingData: TreatMissingData.NOT_BREACHING,
      })
      .addAlarmAction(new SnsAction(analysts))
  }

  /** How a rule tries its target: for a day at most, then the queue. */
  get delivery() {
    return { retryAttempts: 100, maxEventAge: Duration.hours(24), deadLetterQueue: this.queue }
  }

  /** How a function's own failures are handled: two more tries, then the queue. */
  get failure() {
    return { retryAttempts: 2, deadLetterQueue: this.queue }
  }
}
