/** What has which tags, by the kinds of resources whose metrics a dashboard's explorer can name. */
import { aws, awsIfThere, type Output, pages } from '../../server/aws.ts'

export interface Tagged {
  name: string
  tags: Readonly<Record<string, string>>
}

interface Kind {
  namespace: string
  dimension: string
  find(): Promise<Tagged[]>
}

const byName = (list: Output[] = []): Record<string, string> =>
  Object.fromEntries(list.map(({ Key, Value }) => [Key, Value]))

const lastPart = (arn: string): string => arn.split(/[:/]/).pop() ?? arn

/** By CloudFormation's names of their types. */
export const resourceKinds: Readonly<Record<string, Kind>> = {
  'AWS::Lambda::Function': {
    namespace: 'AWS/Lambda',
    dimension: 'FunctionName',
    async find() {
      const paging = { token: 'Marker', answered: 'NextMarker' }
      const functions = await pages('lambda', 'ListFunctions', {}, 'Functions', paging)
      return Promise.all(
        functions.map(async ({ FunctionName: name, FunctionArn: Resource }) => ({
          name,
          tags: (await aws('lambda', 'ListTags', { Resource })).Tags ?? {},
        })),
      )
    },
  },
  'AWS::SQS::Queue': {
    namespace: 'AWS/SQS',
    dimension: 'QueueName',
    async find() {
      const { QueueUrls = [] } = await aws('sqs', 'ListQueues')
      return Promise.all(
        QueueUrls.map(async (QueueUrl: string) => ({
          name: lastPart(QueueUrl),
          tags: (await aws('sqs', 'ListQueueTags', { QueueUrl })).Tags ?? {},
        })),
      )
    },
  },
  'AWS::SNS::Topic': {
    namespace: 'AWS/SNS',
    dimension: 'TopicName',
    async find() {
      const topics = await pages('sns', 'ListTopics', {}, 'Topics')
      return Promise.all(
        topics.map(async ({ TopicArn }) => ({
          name: lastPart(TopicArn),
          tags: byName((await aws('sns', 'ListTagsForResource', { ResourceArn: TopicArn })).Tags),
        })),
      )
    },
  },
  'AWS::DynamoDB::Table': {
    namespace: 'AWS/DynamoDB',
    dimension: 'TableName',
    async find() {
      const { TableNames = [] } = await aws('dynamodb', 'ListTables')
      return Promise.all(
        TableNames.map(async (name: string) => {
          const { Table } = await aws('dynamodb', 'DescribeTable', { TableName: name })
          return {
            name,
            tags: byName((await aws('dynamodb', 'ListTagsOfResource', { ResourceArn: Table.TableArn })).Tags),
          }
        }),
      )
    },
  },
  'AWS::S3::Bucket': {
    namespace: 'AWS/S3',
    dimension: 'BucketName',
    async find() {
      const { Buckets = [] } = await aws('s3', 'ListBuckets')
      return Promise.all(
        Buckets.map(async ({ Name }: Output) => ({
          name: Name,
          // A bucket without tags answers with an error, as on AWS.
          tags: byName((await awsIfThere('s3', 'GetBucketTagging', { Bucket: Name }))?.TagSet),
        })),
      )
    },
  },
  'AWS::Events::Rule': {
    namespace: 'AWS/Events',
    dimension: 'RuleName',
    async find() {
      const rules = await pages('eventbridge', 'ListRules', {}, 'Rules')
      return Promise.all(
        rules.map(async ({ Name, Arn }) => ({
          name: Name,
          tags: byName((await aws('eventbridge', 'ListTagsForResource', { ResourceARN: Arn })).Tags),
        })),
      )
    },
  },
}

/** Those that have all the keys, each with one of the values that are named for it. */
export function havingTags(resources: readonly Tagged[], labels: readonly { key: string; value?: string }[]): Tagged[] {
  const keys = [...new Set(labels.map(({ key }) => key))]
  return resources.filter(({ tags }) =>
    keys.every((key) =>
      labels.some((label) => label.key === key && key in tags && (!label.value || label.value === tags[key])),
    ),
  )
}
