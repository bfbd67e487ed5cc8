/**
 * The whole pipeline on one screen: buckets and the analyst's topic here, then each stage in a file of its own.
 *
 *   raw bucket → Ingestion (rule, validacao_vendas) → bus → Transformation (workflow, transform_vendas) → lake
 *     → Warehouse (rule, carga_redshift) → Redshift
 */
import { Aws, CfnOutput, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib'
import { EventBus } from 'aws-cdk-lib/aws-events'
import { BlockPublicAccess, Bucket, BucketEncryption } from 'aws-cdk-lib/aws-s3'
import { Topic } from 'aws-cdk-lib/aws-sns'
import { EmailSubscription } from 'aws-cdk-lib/aws-sns-subscriptions'
import type { Construct } from 'constructs'
import { Ingestion } from './ingestion.ts'
import { Transformation } from './transformation.ts'
import { Undelivered } from './undelivered.ts'
import { Warehouse } from './warehouse.ts'

export interface SalesStackProps extends StackProps {
  /** Who is told which file was refused, and why. */
  email: string
  /** Whether sales are loaded into Redshift too. */
  hasWarehouse: boolean
}

export class SalesStack extends Stack {
  constructor(scope: Construct, id: string, props: SalesStackProps) {
    super(scope, id, props)

    const raw = this.bucket('Raw', 'vendas-raw', { eventBridgeEnabled: true })
    const processed = this.bucket('Processed', 'vendas-processed')
    const bus = new EventBus(this, 'Bus', { eventBusName: 'vendas' })
    const analysts = new Topic(this, 'Analysts', { topicName: 'vendas-analistas' })
    analysts.addSubscription(new EmailSubscription(props.email))
    const undelivered = new Undelivered(this, 'Undelivered')

    new Ingestion(this, 'Ingestion', { raw, bus, analysts, undelivered })
    const lake = new Transformation(this, 'Transformation', { raw, processed, bus, analysts, undelivered })
    if (props.hasWarehouse) new Warehouse(this, 'Warehouse', { processed, lake, undelivered })

    new CfnOutput(this, 'RawBucket', { value: raw.bucketName })
    new CfnOutput(this, 'ProcessedBucket', { value: processed.bucketName })
    new CfnOutput(this, 'AnalystsTopic', { value: analysts.topicArn })
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
