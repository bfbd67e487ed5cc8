/**
 * The whole pipeline on one screen: buckets and the analyst's topic here, then each stage in a file of its own.
 *
 *   incoming bucket → Arrival (rule, check_files_ready; 10:00, check_files_missing) → Comparison (reconcile, Parquet)
 *     → Verdict (rule on the number of discrepancies) → e-mail
 */
import { Aws, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { Arrival } from './arrival.ts'
import { Comparison } from './comparison.ts'
import { Undelivered } from './undelivered.ts'
import { Verdict } from './verdict.ts'

export interface ReconciliationStackProps extends StackProps {
  /** Who is told of missing files and of too many discrepancies. */
  email: string
  /** More discrepancies than these in a day are told. */
  threshold: number
}

export class ReconciliationStack extends Stack {
  constructor(scope: Construct, id: string, { email, threshold, ...props }: ReconciliationStackProps) {
    super(scope, id, props)

    const incoming = this.bucket('Incoming', 'reconciliation-incoming', { eventBridgeEnabled: true })
    const results = this.bucket('Results', 'reconciliation-results')
    const analysts = new Topic(this, 'Analysts', { topicName: 'reconciliation-analysts' })
    analysts.addSubscription(new EmailSubscription(email))
    const undelivered = new Undelivered(this, 'Undelivered', { analysts })

    const comparison = new Comparison(this, 'Comparison', { incoming, results })
    new Arrival(this, 'Arrival', { incoming, jobName: comparison.jobName, analysts, undelivered })
    new Verdict(this, 'Verdict', { jobName: comparison.jobName, analysts, threshold, undelivered })

    new CfnOutput(this, 'IncomingBucket', { value: incoming.bucketName })
    new CfnOutput(this, 'ResultsBucket', { value: results.bucketName })
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
