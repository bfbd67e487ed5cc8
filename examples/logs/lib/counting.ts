/** The fast way: extract_metrics reads a file as it comes and adds its counts to the day's, atomically. */
import { Duration, RemovalPolicy } from 'aws-cdk-lib'
import { AttributeType, BillingMode, Table } from 'aws-cdk-lib/aws-dynamodb'
import type { IRuleTarget } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { Code, Function as LambdaCode, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Construct } from 'constructs'
import type { Undelivered } from './undelivered.ts'

export interface CountingProps {
  logs: Bucket
  undelivered: Undelivered
}

export class Counting extends Construct {
  readonly functionName = 'extract_metrics'
  readonly target: IRuleTarget

  constructor(scope: Construct, id: string, { logs, undelivered }: CountingProps) {
    super(scope, id)
    const counters = this.table('Counters', 'log-counters', 'date')
    const files = this.table('Files', 'log-files', 'file')
    const critical = this.table('Critical', 'log-critical-errors', 'date', 'at')

    const extract = new LambdaCode(this, 'Extract', {
      functionName: this.functionName,
      description: 'Counts a log file by level and type, and keeps its critical errors.',
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset('functions/extract_metrics', { exclude: ['__pycache__'] }),
      handler: 'extract_metrics.handler',
      timeout: Duration.minutes(5),
      memorySize: 512,
      environment: {
        COUNTERS_TABLE: counters.tableName,
        FILES_TABLE: files.tableName,
        CRITICAL_TABLE: critical.tableName,
      },
      logGroup: new LogGroup(this, 'ExtractLogs', {
        logGroupName: `/aws/lambda/${this.functionName}`,
        retention: RetentionDays.ONE_WEEK,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...undelivered.failure,
    })
    logs.grantRead(extract)
    for (const table of [counters, files, critical]) table.grantReadWriteData(extract)
    this.target = new LambdaFunction(extract, undelivered.delivery)
  }

  private table(id: string, tableName: string, partitionKey: string, sortKey?: string): Table {
    return new Table(this, id, {
      tableName,
      partitionKey: { name: partitionKey, type: AttributeType.STRING },
      ...(sortKey && { sortKey: { name: sortKey, type: AttributeType.STRING } }),
      billingMode: BillingMode.PAY_PER_REQUEST,
      removalPolicy: RemovalPolicy.DESTROY,
    })
  }
}
