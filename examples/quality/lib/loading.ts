/** The second gate: the job load_orders, which holds the rows against its own rules before it writes any. */
import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib'
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena'
import { EventField, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { LambdaFunction, SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import { CfnDatabase, CfnJob, CfnTable } from 'aws-cdk-lib/aws-glue'
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Code, Function as LambdaCode, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import type { Undelivered } from './undelivered.ts'

export interface LoadingProps {
  incoming: Bucket
  lake: Bucket
  stewards: Topic
  undelivered: Undelivered
}

export class Loading extends Construct {
  private readonly jobName = 'load_orders'

  constructor(scope: Construct, id: string, { incoming, lake, stewards, undelivered }: LoadingProps) {
    super(scope, id)
    this.catalog(lake)
    this.job(incoming, lake)
    new Rule(this, 'Passed', {
      ruleName: 'quality-check-passed',
      description: 'A file passed: load it.',
      eventPattern: { source: ['quality'], detailType: ['Quality Check Passed'] },
      targets: [new LambdaFunction(this.starter(undelivered), undelivered.delivery)],
    })
    const told = ['jobName', 'state', 'message'].map((name) => EventField.fromPath(`$.detail.${name}`))
    new Rule(this, 'JobFailed', {
      ruleName: 'quality-load-failed',
      description: 'The job refused the file, or gave up.',
      eventPattern: {
        source: ['aws.glue'],
        detailType: ['Glue Job State Change'],
        detail: { jobName: [this.jobName], state: ['FAILED', 'TIMEOUT'] },
      },
      targets: [
        new SnsTopic(stewards, {
          message: RuleTargetInput.fromText(`${told[0]} ${told[1]}: ${told[2]}`),
          deadLetterQueue: undelivered.queue,
        }),
      ],
    })
  }

  /** EventBridge cannot give a Glue job arguments; this function does. */
  private starter(undelivered: Undelivered): LambdaCode {
    const start = new LambdaCode(this, 'StartLoad', {
      functionName: 'start_load',
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset('functions/start_load', { exclude: ['__pycache__'] }),
      handler: 'start_load.handler',
      timeout: Duration.minutes(1),
      environment: { JOB_NAME: this.jobName },
      logGroup: new LogGroup(this, 'StartLoadLogs', {
        logGroupName: '/aws/lambda/start_load',
        retention: RetentionDays.ONE_WEEK,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...undelivered.failure,
    })
    const job = Stack.of(this).formatArn({ service: 'glue', resource: 'job', resourceName: this.jobName })
    start.addToRolePolicy(new PolicyStatement({ actions: ['glue:StartJobRun'], resources: [job] }))
    return start
  }

  private job(incoming: Bucket, lake: Bucket): void {
    const script = new Asset(this, 'Script', { path: 'jobs/load_orders.py' })
    const role = new Role(this, 'JobRole', {
      assumedBy: new ServicePrincipal('glue.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSGlueServiceRole')],
    })
    script.grantRead(role)
    incoming.grantRead(role)
    lake.grantReadWrite(role)
    new CfnJob(this, 'Job', {
      name: this.jobName,
      description: 'A checked file of orders → the lake, if it keeps the rules.',
      role: role.roleArn,
      command: { name: 'glueetl', pythonVersion: '3', scriptLocation: script.s3ObjectUrl },
      glueVersion: '5.0',
      workerType: 'G.1X',
      numberOfWorkers: 2,
      timeout: 60,
      executionProperty: { maxConcurrentRuns: 20 },
      defaultArguments: { '--lake': lake.bucketName },
    })
  }

  /** A folder for each file; the projection takes the name that a query asks for. */
  private catalog(lake: Bucket): void {
    const location = lake.s3UrlForObject('orders/')
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: 'quality', description: 'Orders that passed both gates.' },
    })
    const table = new CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: 'quality',
      tableInput: {
        name: 'orders',
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          classification: 'parquet',
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          'projection.day.type': 'date',
          'projection.day.format': 'yyyy-MM-dd',
          'projection.day.range': '2025-01-01,NOW+1DAYS',
          'storage.location.template': `${location}day=\${day}/`,
        },
        partitionKeys: [{ name: 'day', type: 'date', comment: 'Of the file that brought the order' }],
        storageDescriptor: {
          columns: orderColumns,
          location,
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    })
    table.addResourceDependency(database)
    new CfnWorkGroup(this, 'Queries', {
      name: 'quality',
      recursiveDeleteOption: true,
      workGroupConfiguration: { resultConfiguration: { outputLocation: lake.s3UrlForObject('athena/') } },
    })
  }
}

const orderColumns = [
  { name: 'order_id', type: 'string' },
  { name: 'customer_id', type: 'string' },
  { name: 'city', type: 'string' },
  { name: 'amount', type: 'decimal(12,2)' },
  { name: 'ordered_at', type: 'timestamp' },
]
