/**
 * From the lake to Redshift: the job's state change → rule → carga_redshift → COPY. The same Parquet is readable in
 * place through Spectrum (schema `lago`), which the function creates the first time it runs.
 */
import { Aws, Duration, RemovalPolicy } from 'aws-cdk-lib'
import { Rule } from 'aws-cdk-lib/aws-events'
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets'
import { PolicyStatement, Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam'
import { Code, Function as LambdaCode, Runtime } from 'aws-cdk-lib/aws-lambda'
import { LogGroup, RetentionDays } from 'aws-cdk-lib/aws-logs'
import { CfnNamespace, CfnWorkgroup } from 'aws-cdk-lib/aws-redshiftserverless'
import type { Bucket } from 'aws-cdk-lib/aws-s3'
import { Secret } from 'aws-cdk-lib/aws-secretsmanager'
import { Construct } from 'constructs'
import type { Transformation } from './transformation.ts'
import type { Undelivered } from './undelivered.ts'

const owner = 'dono'

export interface WarehouseProps {
  processed: Bucket
  lake: Transformation
  undelivered: Undelivered
}

export class Warehouse extends Construct {
  constructor(scope: Construct, id: string, { processed, lake, undelivered }: WarehouseProps) {
    super(scope, id)
    const reader = this.reader(processed)
    const secret = new Secret(this, 'OwnerSecret', {
      description: 'The owner of the warehouse; nobody but Redshift and the load function reads it.',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: owner }),
        generateStringKey: 'password',
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.DESTROY,
    })
    const namespace = new CfnNamespace(this, 'Namespace', {
      namespaceName: 'vendas',
      dbName: 'vendas',
      adminUsername: owner,
      adminUserPassword: secret.secretValueFromJson('password').unsafeUnwrap(),
      iamRoles: [reader.roleArn],
      defaultIamRoleArn: reader.roleArn,
    })
    const workgroup = new CfnWorkgroup(this, 'Workgroup', {
      workgroupName: 'vendas',
      namespaceName: namespace.namespaceName,
      baseCapacity: 8,
    })
    workgroup.addResourceDependency(namespace)

    const load = new LambdaCode(this, 'Load', {
      functionName: 'carga_redshift',
      description: 'Loads what the job committed into Redshift, replacing rows by source file.',
      runtime: Runtime.PYTHON_3_12,
      code: Code.fromAsset('functions/carga_redshift', { exclude: ['__pycache__'] }),
      handler: 'carga.handler',
      timeout: Duration.minutes(10),
      memorySize: 256,
      environment: {
        WORKGROUP: workgroup.workgroupName,
        DATABASE: 'vendas',
        SECRET_ARN: secret.secretArn,
        COPY_ROLE_ARN: reader.roleArn,
        PROCESSED_BUCKET: processed.bucketName,
        CATALOG_DATABASE: lake.database,
      },
      logGroup: new LogGroup(this, 'LoadLogs', {
        logGroupName: '/aws/lambda/carga_redshift',
        retention: RetentionDays.ONE_WEEK,
        removalPolicy: RemovalPolicy.DESTROY,
      }),
      ...undelivered.failure,
    })
    load.node.addDependency(workgroup)
    processed.grantReadWrite(load)
    load.addToRolePolicy(
      new PolicyStatement({
        actions: ['redshift-data:BatchExecuteStatement', 'redshift-data:DescribeStatement'],
        resources: ['*'],
      }),
    )
    secret.grantRead(load)

    new Rule(this, 'JobSucceeded', {
      ruleName: 'vendas-transformacao-terminou',
      description: 'The job has succeeded: load what it wrote.',
      eventPattern: {
        source: ['aws.glue'],
        detailType: ['Glue Job State Change'],
        detail: { jobName: [lake.jobName], state: ['SUCCEEDED'] },
      },
      targets: [new LambdaFunction(load, undelivered.delivery)],
    })
  }

  /** What Redshift itself may read: the Parquet files for COPY, and the Catalog for Spectrum. */
  private reader(processed: Bucket): Role {
    const role = new Role(this, 'Reader', { assumedBy: new ServicePrincipal('redshift.amazonaws.com') })
    processed.grantRead(role)
    role.addToPolicy(
      new PolicyStatement({
        actions: ['glue:GetDatabase', 'glue:GetDatabases', 'glue:GetTable', 'glue:GetTables', 'glue:GetPartitions'],
        resources: ['catalog', 'database/vendas', 'table/vendas/*'].map(
          (path) => `arn:${Aws.PARTITION}:glue:${Aws.REGION}:${Aws.ACCOUNT_ID}:${path}`,
        ),
      }),
    )
    return role
  }
}
