/**
 * The whole pipeline on one screen: buckets and the topic here, then each stage in a file of its own.
 *
 *   incoming bucket → Check (rule, check_quality with its layer) → `Quality Check Passed` → Loading (start_load,
 *     load_orders with its DQDL rules) → lake;  `Quality Check Failed`, or a failed job → e-mail
 */
import { Aws, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { Check } from './check.ts'
import { Loading } from './loading.ts'
import { Undelivered } from './undelivered.ts'

export interface QualityStackProps extends StackProps {
  /** Who is told which file failed, and why. */
  email: string
}

export class QualityStack extends Stack {
  constructor(scope: Construct, id: string, { email, ...props }: QualityStackProps) {
    super(scope, id, props)

    const incoming = this.bucket('Incoming', 'orders-incoming', { eventBridgeEnabled: true })
    const lake = this.bucket('Lake', 'orders-lake')
    const stewards = new Topic(this, 'Stewards', { topicName: 'quality-stewards' })
    stewards.addSubscription(new EmailSubscription(email))
    const undelivered = new Undelivered(this, 'Undelivered')

    new Check(this, 'Check', { incoming, stewards, undelivered })
    new Loading(this, 'Loading', { incoming, lake, stewards, undelivered })

    new CfnOutput(this, 'IncomingBucket', { value: incoming.bucketName })
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
