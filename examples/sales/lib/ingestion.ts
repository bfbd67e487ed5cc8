/** From a dropped file to a verdict: S3's event → rule → validacao_vendas → the `vendas` bus, or an e-mail. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { type EventBus, Match, Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { Code, Function as LambdaCode, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { Undelivered } from './undelivered.ts'

export interface IngestionProps {
  raw: Bucket
  bus: EventBus
  analysts: Topic
  undelivered: Undelivered
}

export class Ingestion extends Construct {
  constructor(scope: Construct, id: string, { raw, bus, analysts, undelivered }: IngestionProps) {
    super(scope, id)

    const validate = new LambdaCode(this, 'Validate', {
      functionName: 'validacao_vendas',
      description: 'Checks a sales file: format, required columns, every row.',
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset('functions/validacao_vendas', { exclude: ['__pycache__'] }),
      handler: 'validacao.handler',
      timeout: Duration.minutes(5),
      memorySize: 512,
      environment: { BUS_NAME: bus.eventBusName, TOPIC_ARN: analysts.topicArn },
      logGroup: new LogGroup(this, 'ValidateLogs', {
        logGroupName: '/aws/lambda/validacao_vendas',
        retention: RetentionDays.ONE_WEEK,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...undelivered.failure,
    })
    raw.grantRead(validate)
    raw.grantPut(validate, 'validated/*')
    bus.grantPutEventsTo(validate)
    analysts.grantPublish(validate)

    new Rule(this, 'FileArrived', {
      ruleName: 'vendas-arquivo-recebido',
      description: 'A store dropped a sales file.',
      eventPattern: {
        source: ['aws.s3'],
        detailType: ['Object Created'],
        // Prefix and suffix in one; what the pipeline itself writes lies under other prefixes and does not match.
        detail: { bucket: { name: [raw.bucketName] }, object: { key: Match.wildcard('loja-*.csv') } },
      },
      targets: [new LambdaFunction(validate, undelivered.delivery)],
    })
  }
}
