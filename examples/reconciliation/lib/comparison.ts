/** The day's comparison: the job `reconcile`, and the table that its discrepancies are rows of. */
import { Aws } from 'aws-cdk-lib'
import { CfnWorkGroup } from 'aws-cdk-lib/aws-athena'
import { CfnDatabase, CfnJob, CfnTable } from 'aws-cdk-lib/aws-glue'
import { ManagedPolicy, PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Asset } from 'aws-cdk-lib/aws-s3-assets'
import { Construct } from 'constructs'

export interface ComparisonProps {
  incoming: Bucket
  results: Bucket
}

export class Comparison extends Construct {
  readonly jobName = 'reconcile'

  constructor(scope: Construct, id: string, props: ComparisonProps) {
    super(scope, id)
    this.job(props)
    this.catalog(props.results)
  }

  private job({ incoming, results }: ComparisonProps): void {
    const script = new Asset(this, 'Script', { path: 'jobs/reconcile.py' })
    const role = new Role(this, 'JobRole', {
      assumedBy: new ServicePrincipal('glue.amazonaws.com'),
      managedPolicies: [ManagedPolicy.fromAwsManagedPolicyName('service-role/AWSGlueServiceRole')],
    })
    script.grantRead(role)
    incoming.grantRead(role)
    results.grantReadWrite(role)
    role.addToPolicy(new PolicyStatement({ actions: ['events:PutEvents'], resources: ['*'] }))
    new CfnJob(this, 'Job', {
      name: this.jobName,
      description: "A day's debits against its credits → discrepancies as Parquet.",
      role: role.roleArn,
      command: { name: 'glueetl', pythonVersion: '3', scriptLocation: script.s3ObjectUrl },
      glueVersion: '5.0',
      workerType: 'G.1X',
      numberOfWorkers: 2,
      timeout: 60,
      maxRetries: 1,
      executionProperty: { maxConcurrentRuns: 20 },
      defaultArguments: { '--incoming': incoming.bucketName, '--results': results.bucketName },
    })
  }

  /** Partitions need no registration: their locations follow from the date. */
  private catalog(results: Bucket): void {
    const location = results.s3UrlForObject('discrepancies/')
    const database = new CfnDatabase(this, 'Database', {
      catalogId: Aws.ACCOUNT_ID,
      databaseInput: { name: 'reconciliation', description: 'Where two banks disagree.' },
    })
    const table = new CfnTable(this, 'Table', {
      catalogId: Aws.ACCOUNT_ID,
      databaseName: 'reconciliation',
      tableInput: {
        name: 'discrepancies',
        description: 'One row for each transaction that the banks tell differently.',
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
          columns: discrepancyColumns,
          location,
          inputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat',
          outputFormat: 'org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat',
          serdeInfo: { serializationLibrary: 'org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe' },
        },
      },
    })
    table.addResourceDependency(database)
    new CfnWorkGroup(this, 'Queries', {
      name: 'reconciliation',
      recursiveDeleteOption: true,
      workGroupConfiguration: { resultConfiguration: { outputLocation: results.s3UrlForObject('athena/') } },
    })
  }
}

/** As the job writes them; the kinds are explained in jobs/reconcile.py. */
const discrepancyColumns = [
  { name: 'transaction_id', type: 'string' },
  { name: 'kind', type: 'string', comment: 'missing_credit, missing_debit, duplicate_debit, … amount_mismatch' },
  { name: 'debit', type: 'decimal(18,2)', comment: 'What bank A says; null where it says nothing' },
  { name: 'credit', type: 'decimal(18,2)', comment: 'What bank B says; null where it says nothing' },
  { name: 'debit_entries', type: 'bigint' },
  { name: 'credit_entries', type: 'bigint' },
]
