/**
 * Each arrival asks whether the date is complete: S3's event → rule → check_files_ready → the job, once a date. At
 * 10:00 a schedule asks which file is missing. The arrivals are archived, so that a date can be played again.
 */
import { Duration, RemovalPolicy, Stack, TimeZone } from 'aws-cdk-lib'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import { Archive, EventBus, type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement } from 'aws-cdk-lib/aws-iam'
import { Code, type FunctionProps, Function as LambdaCode, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { ContextAttribute, Schedule, ScheduleExpression, ScheduleTargetInput } from 'aws-cdk-lib/aws-scheduler'
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { Undelivered } from './undelivered.ts'

export interface ArrivalProps {
  incoming: Bucket
  jobName: string
  analysts: Topic
  undelivered: Undelivered
}

export class Arrival extends Construct {
  constructor(scope: Construct, id: string, props: ArrivalProps) {
    super(scope, id)
    this.filesReady(props)
    this.filesMissing(props)
  }

  private filesReady({ incoming, jobName, undelivered }: ArrivalProps): void {
    const dates = new Table(this, 'Dates', {
      tableName: 'reconciliation-dates',
      partitionKey: { name: 'date', type: AttributeType.STRING },
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const check = this.function('check_files_ready', {
      handler: 'arrival.handler',
      environment: { JOB_NAME: jobName, DATES_TABLE: dates.tableName },
      ...undelivered.failure,
    })
    incoming.grantRead(check)
    dates.grantReadWriteData(check)
    check.addToRolePolicy(
      new PolicyStatement({
        actions: ['glue:StartJobRun', 'glue:GetJobRuns'],
        resources: [Stack.of(this).formatArn({ service: 'glue', resource: 'job', resourceName: jobName })],
      }),
    )

    const eventPattern: EventPattern = {
      source: ['aws.s3'],
      detailType: ['Object Created'],
      detail: {
        bucket: { name: [incoming.bucketName] },
        object: { key: Match.anyOf(Match.wildcard('debits_*.csv'), Match.wildcard('credits_*.csv')) },
      },
    }
    new Rule(this, 'FileArrived', {
      ruleName: 'reconciliation-file-arrived',
      description: 'A bank delivered its file of a day.',
      eventPattern,
      targets: [new LambdaFunction(check, undelivered.delivery)],
    })
    new Archive(this, 'Arrivals', {
      archiveName: 'reconciliation-arrivals',
      description: 'Every arrival of the last 90 days, to be played again.',
      sourceEventBus: EventBus.fromEventBusName(this, 'DefaultBus', 'default'),
      eventPattern,
      retention: Duration.days(90),
    })
  }

  private filesMissing({ incoming, analysts, undelivered }: ArrivalProps): void {
    const check = this.function('check_files_missing', {
      handler: 'deadline.handler',
      environment: { BUCKET: incoming.bucketName, TOPIC_ARN: analysts.topicArn },
      ...undelivered.failure,
    })
    incoming.grantRead(check)
    analysts.grantPublish(check)
    new Schedule(this, 'Deadline', {
      scheduleName: 'reconciliation-deadline',
      description: 'By 10:00 both banks have delivered.',
      schedule: ScheduleExpression.cron({ hour: '10', minute: '0', timeZone: TimeZone.AMERICA_SAO_PAULO }),
      target: new LambdaInvoke(check, {
        input: ScheduleTargetInput.fromObject({ time: ContextAttribute.scheduledTime }),
        deadLetterQueue: undelivered.queue,
      }),
    })
  }

  /** Both functions are of one code folder: they ask the same of the same files. */
  private function(
    name: string,
    given: Pick<FunctionProps, 'handler' | 'environment' | 'deadLetterQueue'>,
  ): LambdaCode {
    return new LambdaCode(this, name, {
      functionName: name,
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset('functions/check_files_ready', { exclude: ['__pycache__'] }),
      timeout: Duration.minutes(1),
      logGroup: new LogGroup(this, `${name}_logs`, {
        logGroupName: `/aws/lambda/${name}`,
        retention: RetentionDays.ONE_MONTH,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...given,
    })
  }
}
