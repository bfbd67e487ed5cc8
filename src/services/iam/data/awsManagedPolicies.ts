/** AWS's managed policies that pipelines attach, from the AWS managed policy reference guide. */
import type { ManagedPolicy } from '../managedPolicies.ts'

interface Statement {
  Effect?: 'Allow'
  Action: string | string[]
  Resource: string | string[]
  Condition?: object
}

const logsWriting = ['logs:CreateLogGroup', 'logs:CreateLogStream', 'logs:PutLogEvents']

export const awsManagedPolicies: ManagedPolicy[] = [
  policy('AdministratorAccess', '/', { Action: '*', Resource: '*' }),
  policy('AmazonS3FullAccess', '/', { Action: ['s3:*', 's3-object-lambda:*'], Resource: '*' }),
  policy('AmazonS3ReadOnlyAccess', '/', {
    Action: ['s3:Get*', 's3:List*', 's3:Describe*', 's3-object-lambda:Get*', 's3-object-lambda:List*'],
    Resource: '*',
  }),
  policy('AmazonSQSFullAccess', '/', { Action: ['sqs:*'], Resource: '*' }),
  policy('AmazonSNSFullAccess', '/', { Action: ['sns:*'], Resource: '*' }),
  policy('AWSLambdaBasicExecutionRole', '/service-role/', { Action: logsWriting, Resource: '*' }),
  policy('AWSLambdaSQSQueueExecutionRole', '/service-role/', {
    Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes', ...logsWriting],
    Resource: '*',
  }),
  policy('AWSLambdaKinesisExecutionRole', '/service-role/', {
    Action: [
      'kinesis:DescribeStream',
      'kinesis:DescribeStreamSummary',
      'kinesis:GetRecords',
      'kinesis:GetShardIterator',
      'kinesis:ListShards',
      'kinesis:ListStreams',
      'kinesis:SubscribeToShard',
      ...logsWriting,
    ],
    Resource: '*',
  }),
  policy('AWSLambdaDynamoDBExecutionRole', '/service-role/', {
    Action: [
      'dynamodb:DescribeStream',
      'dynamodb:GetRecords',
      'dynamodb:GetShardIterator',
      'dynamodb:ListStreams',
      ...logsWriting,
    ],
    Resource: '*',
  }),
  policy('AWSLambdaRole', '/service-role/', { Action: ['lambda:InvokeFunction'], Resource: ['*'] }),
  policy(
    'AWSGlueServiceRole',
    '/service-role/',
    {
      Action: [
        'glue:*',
        's3:GetBucketLocation',
        's3:ListBucket',
        's3:ListAllMyBuckets',
        's3:GetBucketAcl',
        'ec2:DescribeVpcEndpoints',
        'ec2:DescribeRouteTables',
        'ec2:CreateNetworkInterface',
        'ec2:DeleteNetworkInterface',
        'ec2:DescribeNetworkInterfaces',
        'ec2:DescribeSecurityGroups',
        'ec2:DescribeSubnets',
        'ec2:DescribeVpcAttribute',
        'iam:ListRolePolicies',
        'iam:GetRole',
        'iam:GetRolePolicy',
        'cloudwatch:PutMetricData',
      ],
      Resource: ['*'],
    },
    { Action: ['s3:CreateBucket'], Resource: ['arn:aws:s3:::aws-glue-*'] },
    {
      Action: ['s3:GetObject', 's3:PutObject', 's3:DeleteObject'],
      Resource: ['arn:aws:s3:::aws-glue-*/*', 'arn:aws:s3:::*/*aws-glue-*/*'],
    },
    { Action: ['s3:GetObject'], Resource: ['arn:aws:s3:::crawler-public*', 'arn:aws:s3:::aws-glue-*'] },
    { Action: logsWriting, Resource: ['arn:aws:logs:*:*:*:/aws-glue/*'] },
    {
      Action: ['ec2:CreateTags', 'ec2:DeleteTags'],
      Condition: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['aws-glue-service-resource'] } },
      Resource: [
        'arn:aws:ec2:*:*:network-interface/*',
        'arn:aws:ec2:*:*:security-group/*',
        'arn:aws:ec2:*:*:instance/*',
      ],
    },
  ),
]

function policy(name: string, path: string, ...statements: Statement[]): ManagedPolicy {
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((statement) => ({ Effect: 'Allow', ...statement })),
  })
  const createdAt = Date.UTC(2015, 1, 6, 18, 39)
  return {
    name,
    path,
    id: `ANPA${Buffer.from(name).toString('hex').toUpperCase().replaceAll(/[0189]/g, 'A').padEnd(17, 'A').slice(0, 17)}`,
    arn: `arn:aws:iam::aws:policy${path}${name}`,
    createdAt,
    updatedAt: createdAt,
    versions: [{ id: 'v1', document, createdAt }],
    defaultVersion: 'v1',
    versionsMade: 1,
    tags: [],
  }
}
