/**
 * The thorough way: files that arrive close together start one run of aggregate_logs, which writes each day that has
 * changed whole. The Catalog has the table, and the views that people ask.
 */
import { Aws } from 'aws-cdk-lib'
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena'
import type { IRuleTarget } from 'aws-cdk-lib/aws-events'
import { CfnDatabase, CfnJob, CfnTable, CfnTrigger, CfnWorkflow } from 'aws-cdk-lib/aws-glue'
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { Construct } from 'constructs'
import type { Undelivered } from './undelivered.ts'
import { columns, views } from './views.ts'

export interface AggregationProps {
  logs: Bucket
  lake: Bucket
  undelivered: Undelivered
}

export class Aggregation extends Construct {
  readonly target: IRuleTarget

  constructor(scope: Construct, id: string, { logs, lake, undelivered }: AggregationProps) {
    super(scope, id)
    this.catalog(lake)
    this.target = this.workflowTarget(this.workflow(this.job(logs, lake)), undelivered)
  }

  private job(logs: Bucket, lake: Bucket): CfnJob {
    const script = new Asset(this, 'Script', { path: 'jobs/aggregate_logs.py' })
    const role = new Role(this, 'JobRole', {
      assumedBy: new ServicePrincipal('glue.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSGlueServiceRole')],
    })
    script.grantRead(role)
    logs.grantRead(role)
    lake.grantReadWrite(role)
    return new CfnJob(this, 'Job', {
      name: 'aggregate_logs',
      description: 'Days whose files have changed → Parquet by error type, hour and user.',
      role: role.roleArn,
      command: { name: 'glueetl', pythonVersion: '3', scriptLocation: script.s3ObjectUrl },
      glueVersion: '5.0',
      workerType: 'G.1X',
      numberOfWorkers: 10,
      timeout: 120,
      maxRetries: 1,
      // Two runs at a time do no harm: see how the script ends.
      executionProperty: { maxConcurrentRuns: 20 },
      defaultArguments: {
        '--logs_bucket': logs.bucketName,
        '--lake_bucket': lake.bucketName,
        '--enable-auto-scaling': 'true',
      },
    })
  }

  private workflow(job: CfnJob): CfnWorkflow {
    const workflow = new CfnWorkflow(this, 'Workflow', { name: 'logs', description: 'Runs when log files arrived.' })
    const trigger = new CfnTrigger(this, 'OnArrival', {
      name: 'logs-arrived',
      type: 'EVENT',
      workflowName: workflow.ref,
      actions: [{ jobName: job.ref }],
      // A hundred files, or what came within a minute of the first.
      eventBatchingCondition: { batchSize: 100, batchWindow: 60 },
    })
    trigger.addResourceDependency(workflow)
    trigger.addResourceDependency(job)
    return workflow
  }

  /** CDK has no class for this target; EventBridge starts a workflow through glue:notifyEvent. */
  private workflowTarget(workflow: CfnWorkflow, undelivered: Undelivered): IRuleTarget {
    const arn = `arn:${Aws.PARTITION}:glue:${Aws.REGION}:${Aws.ACCOUNT_ID}:workflow/${workflow.ref}`
    const role = new Role(this, 'NotifyRole', { assumedBy: new ServicePrincipal('events.amazonaws.com') })
    role.addToPolicy(new PolicyStatement({ actions: ['glue:notifyEvent'], resources: [arn] }))
    undelivered.allowRules()
    return {
      bind: () => ({
        arn,
        role,
        deadLetterConfig: { arn: undelivered.queue.queueArn },
        retryPolicy: { maximumRetryAttempts: 100, maximumEventAgeInSeconds: 24 * 60 * 60 },
      }),
    }
  }

  /** Partitions need no registration: their locations follow from the date. */
  private catalog(lake: Bucket): void {
    const location = lake.s3UrlForObject('errors_by_hour/')
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: 'logs', description: 'What the applications logged.' },
    })
    const table = new CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: 'logs',
      tableInput: {
        name: 'errors_by_hour',
        description: 'Errors by type, hour and user.',
        tableType: 'EXTERNAL_TABLE',
        parameters: {
          classification: 'parquet',
          EXTERNAL: 'TRUE',
          'projection.enabled': 'true',
          'projection.date.type': 'date',
          'projection.date.format': 'yyyy-MM-dd',
          'projection.date.range': '2025-01-01,NOW+1DAYS',
          'storage.location.template': `${location}date=\${date}/`,
        },
        partitionKeys: [{ name: 'date', type: 'date' }],
        storageDescriptor: {
          columns,
          location,
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    })
    table.addResourceDependency(database)
    for (const view of views) {
      const { name } = view
      new CfnTable(this, name, {
        catalogId: Aws.ACCOUNT_ID,
        databaseName: 'logs',
        tableInput: {
          name,
          tableType: 'VIRTUAL_VIEW',
          parameters: { presto_view: 'true', comment: 'Presto View' },
          storageDescriptor: { columns: view.columns.map(({ name, hive }) => ({ name, type: hive })), serdeInfo: {} },
          viewOriginalText: view.text,
          viewExpandedText: '/* Presto View */',
        },
      }).addResourceDependency(table)
    }
    new CfnWorkGroup(this, 'Queries', {
      name: 'logs',
      recursiveDeleteOption: true,
      workGroupConfiguration: { resultConfiguration: { outputLocation: lake.s3UrlForObject('athena/') } },
    })
  }
}
