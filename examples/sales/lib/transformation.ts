/**
 * From a validated file to the lake: the bus → Glue workflow with an EVENT trigger → transform_vendas → Parquet and
 * Catalog. An EVENT trigger hands over event ids only, so the job takes whatever lies under `validated/`.
 */
import { Aws } from 'aws-cdk-lib'
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena'
import { type EventBus, EventField, type IRuleTarget, Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events'
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets'
import { CfnDatabase, CfnJob, CfnTable, CfnTrigger, CfnWorkflow } from 'aws-cdk-lib/aws-glue'
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import type { Topic } from 'aws-cdk-lib/aws-sns'
import { Construct } from 'constructs'
import { dataColumns, partitionColumns } from './sales-table.ts'
import type { Undelivered } from './undelivered.ts'

export interface TransformationProps {
  raw: Bucket
  processed: Bucket
  bus: EventBus
  analysts: Topic
  undelivered: Undelivered
}

export class Transformation extends Construct {
  readonly database = 'vendas'
  readonly table = 'vendas'
  readonly jobName = 'transform_vendas'

  constructor(scope: Construct, id: string, props: TransformationProps) {
    super(scope, id)
    this.catalog(props.processed)
    const job = this.job(props)
    const workflow = this.workflow(job)

    new Rule(this, 'FileValidated', {
      ruleName: 'vendas-arquivo-validado',
      description: 'A sales file passed its checks: start the workflow.',
      eventBus: props.bus,
      eventPattern: { source: ['vendas.validacao'], detailType: ['arquivo-vendas-validado'] },
      targets: [this.workflowTarget(workflow, props.undelivered)],
    })
    new Rule(this, 'JobFailed', {
      ruleName: 'vendas-transformacao-falhou',
      description: 'The job gave up: tell the analysts.',
      eventPattern: {
        source: ['aws.glue'],
        detailType: ['Glue Job State Change'],
        detail: { jobName: [this.jobName], state: ['FAILED', 'TIMEOUT'] },
      },
      targets: [
        new SnsTopic(props.analysts, {
          deadLetterQueue: props.undelivered.queue,
          message: RuleTargetInput.fromText(
            `${this.jobName} ${EventField.fromPath('$.detail.jobRunId')}: ${EventField.fromPath('$.detail.state')}. ${EventField.fromPath('$.detail.message')}`,
          ),
        }),
      ],
    })
  }

  private catalog(processed: Bucket): void {
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: this.database, description: 'Sales of all stores.' },
    })
    const table = new CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: this.database,
      tableInput: {
        name: this.table,
        description: 'One row a sale; a partition by source file and day.',
        tableType: 'EXTERNAL_TABLE',
        parameters: { classification: 'parquet', EXTERNAL: 'TRUE' },
        partitionKeys: partitionColumns,
        storageDescriptor: {
          columns: dataColumns,
          location: processed.s3UrlForObject('vendas/'),
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    })
    table.addResourceDependency(database)
    new CfnWorkGroup(this, 'Queries', {
      name: 'vendas',
      recursiveDeleteOption: true,
      workGroupConfiguration: {
        resultConfiguration: { outputLocation: processed.s3UrlForObject('athena/') },
      },
    })
  }

  private job({ raw, processed }: TransformationProps): CfnJob {
    const script = new Asset(this, 'Script', { path: 'jobs/transform_vendas.py' })
    const role = new Role(this, 'JobRole', {
      assumedBy: new ServicePrincipal('glue.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSGlueServiceRole')],
    })
    script.grantRead(role)
    raw.grantReadWrite(role)
    processed.grantReadWrite(role)

    return new CfnJob(this, 'Job', {
      name: this.jobName,
      description: 'CSV under validated/ → deduplicated Parquet in the lake.',
      role: role.roleArn,
      command: { name: 'glueetl', pythonVersion: '3', scriptLocation: script.s3ObjectUrl },
      glueVersion: '5.0',
      workerType: 'G.1X',
      numberOfWorkers: 2,
      timeout: 60,
      maxRetries: 1,
      // Runs at the same time share the work by store (see the script), so stores never wait for one another.
      executionProperty: { maxConcurrentRuns: 20 },
      defaultArguments: {
        '--job-bookmark-option': 'job-bookmark-disable',
        '--enable-metrics': 'true',
        '--raw_bucket': raw.bucketName,
        '--processed_bucket': processed.bucketName,
        '--database': this.database,
        '--table': this.table,
      },
    })
  }

  private workflow(job: CfnJob): CfnWorkflow {
    const workflow = new CfnWorkflow(this, 'Workflow', {
      name: 'vendas',
      description: 'Runs when a file was validated.',
    })
    const trigger = new CfnTrigger(this, 'OnValidated', {
      name: 'vendas-arquivo-validado',
      type: 'EVENT',
      workflowName: workflow.ref,
      actions: [{ jobName: job.ref }],
      eventBatchingCondition: { batchSize: 1 },
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
}
