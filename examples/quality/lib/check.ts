/** The first gate: S3's event → rule → check_quality, which says on the bus how the file fared. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { EventBus, EventField, Match, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import { Code, Function as LambdaCode, LayerVersion, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { pandasLayerCode } from './pandas-layer.ts'
import type { Undelivered } from './undelivered.ts'

export interface CheckProps {
  incoming: Bucket
  stewards: Topic
  undelivered: Undelivered
}

export class Check extends Construct {
  constructor(scope: Construct, id: string, { incoming, stewards, undelivered }: CheckProps) {
    super(scope, id)
    const check = new LambdaCode(this, 'CheckQuality', {
      functionName: 'check_quality',
      description: 'Schema, rows, nulls and duplicates of a Parquet file.',
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset('functions/check_quality', { exclude: ['__pycache__'] }),
      handler: 'check_quality.handler',
      layers: [
        new LayerVersion(this, 'Pandas', {
          description: 'pandas and pyarrow',
          code: pandasLayerCode('3.12'),
          compatibleRuntimes: [Runtime.PYTHON_3_12],
        }),
      ],
      timeout: Duration.minutes(5),
      memorySize: 1024,
      logGroup: new LogGroup(this, 'CheckLogs', {
        logGroupName: '/aws/lambda/check_quality',
        retention: RetentionDays.ONE_WEEK,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...undelivered.failure,
    })
    incoming.grantReadWrite(check)
    incoming.grantDelete(check)
    EventBus.grantAllPutEvents(check)

    new Rule(this, 'FileArrived', {
      ruleName: 'quality-file-arrived',
      description:
        'A new Parquet file: check it. What was put into quarantine lies under a prefix, and does not match.',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        detail: { bucket: { name: [incoming.bucketName] }, object: { key: Match.wildcard('orders_*.parquet') } },
      },
      targets: [new LambdaFunction(check, undelivered.delivery)],
    })
    const told = `${EventField.fromPath('$.detail.key')} failed its quality check and is in quarantine: ${EventField.fromPath('$.detail.reasons')}`
    new Rule(this, 'Failed', {
      ruleName: 'quality-check-failed',
      eventPattern: { source: ['quality'], detailType: ['Quality Check Failed'] },
      targets: [
        new SnsTopic(stewards, { message: RuleTargetInput.fromText(told), deadLetterQueue: undelivered.queue }),
      ],
    })
  }
}
