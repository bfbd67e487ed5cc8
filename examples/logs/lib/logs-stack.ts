/**
 * The whole pipeline on one screen: buckets and the topic here, then each stage in a file of its own.
 *
 *   logs bucket → Counting (rule, extract_metrics, counters)
 *               → Aggregation (the same rule, workflow, aggregate_logs, lake and views)
 */
import { Aws, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { Aggregation } from './aggregation.ts'
import { Counting } from './counting.ts'
import { Undelivered } from './undelivered.ts'
import { Watching } from './watching.ts'

export interface LogsStackProps extends StackProps {
  /** Who is told when too many errors are critical. */
  email: string
}

export class LogsStack extends Stack {
  constructor(scope: Construct, id: string, { email, ...props }: LogsStackProps) {
    super(scope, id, props)

    const logs = this.bucket('Logs', 'app-logs', { eventBridgeEnabled: true })
    const lake = this.bucket('Lake', 'app-logs-lake')
    const operators = new Topic(this, 'Operators', { topicName: 'logs-operators' })
    operators.addSubscription(new EmailSubscription(email))
    const undelivered = new Undelivered(this, 'Undelivered')

    const counting = new Counting(this, 'Counting', { logs, undelivered })
    const aggregation = new Aggregation(this, 'Aggregation', { logs, lake, undelivered })
    new Rule(this, 'FileArrived', {
      ruleName: 'logs-file-arrived',
      description: 'A log file arrived: count it at once, and aggregate its day.',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [logs.bucketName] }, object: { key: [{ prefix: 'app.log' }] } },
      },
      targets: [counting.target, aggregation.target],
    })

    new Watching(this, 'Watching', { functionName: counting.functionName, operators })

    new CfnOutput(this, 'LogsBucket', { value: logs.bucketName })
    new CfnOutput(this, 'LakeBucket', { value: lake.bucketName })
    new CfnOutput(this, 'UndeliveredQueue', { value: undelivered.queue.queueUrl })
  }

  /** A private bucket that `cdk destroy` empties and removes. */
  private bucket(id: string, name: string, events: { eventBridgeEnabled?: boolean } = {}): Bucket {
    return new Bucket(this, id, {
      bucketName: `${name}-${Aws.ACCOUNT_ID}-${Aws.REGION}`,
      blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
      encryption: BucketEncryption.S3_MANAGED,
      enforceSSL: false,
      removalPolicy: RemovalPolicy.DESTROY,
      autoDeleteObjects: true,
      ...events,
    })
  }
}
