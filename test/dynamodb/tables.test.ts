/** Tables through the SDK. */
import { CloudWatchClient, GetMetricStatisticsCommand } from '@aws-sdk/client-cloudwatch'
import {
  CreateTableCommand,
  DeleteTableCommand,
  DescribeEndpointsCommand,
  DescribeLimitsCommand,
  DescribeTableCommand,
  DynamoDBClient,
  EnableKinesisStreamingDestinationCommand,
  GetItemCommand,
  ListTablesCommand,
  ListTagsOfResourceCommand,
  PutItemCommand,
  QueryCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateTableCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'
import { keyOf, withTable } from './fixture.ts'

const TableName = 'vendas'

test('a table is described as it was made, and made again it is empty', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, { Tags: [{ Key: 'time', Value: 'dados' }] })
  await dynamodb.send(new PutItemCommand({ TableName, Item: keyOf('1', 1) }))
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  const ResourceArn = Table?.TableArn as string
  await dynamodb.send(new TagResourceCommand({ ResourceArn, Tags: [{ Key: 'a', Value: 'b' }] }))
  await dynamodb.send(new UntagResourceCommand({ ResourceArn, TagKeys: ['time'] }))

  const { Tags } = await dynamodb.send(new ListTagsOfResourceCommand({ ResourceArn }))
  await dynamodb.send(new DeleteTableCommand({ TableName }))
  await expect(dynamodb.send(new DescribeTableCommand({ TableName }))).rejects.toThrow(
    'Requested resource not found: Table: vendas not found',
  )
  await withTable(igarape)

  const { Item } = await dynamodb.send(new GetItemCommand({ TableName, Key: keyOf('1', 1) }))
  expect(Item).toBeUndefined()
  expect(Table).toMatchObject({ TableStatus: 'ACTIVE', BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' } })
  expect(ResourceArn).toBe('arn:aws:dynamodb:us-east-1:000000000000:table/vendas')
  expect(Tags).toEqual([{ Key: 'a', Value: 'b' }])
  await expect(withTable(igarape)).rejects.toMatchObject({ name: 'ResourceInUseException' })
  await igarape.settled()
})

test('a protected table is not deleted', async ({ igarape }) => {
  const dynamodb = await withTable(igarape, { DeletionProtectionEnabled: true })

  await expect(dynamodb.send(new DeleteTableCommand({ TableName }))).rejects.toThrow('protected against deletion')
  await dynamodb.send(new UpdateTableCommand({ TableName, DeletionProtectionEnabled: false }))
  await dynamodb.send(new DeleteTableCommand({ TableName }))

  expect((await dynamodb.send(new ListTablesCommand({}))).TableNames).toEqual([])
})

test('an index that is added later is filled with what the table holds', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)
  for (const venda of [1, 2]) {
    await dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('1', venda), dia: { S: 'seg' } } }))
  }
  const Create = {
    IndexName: 'porDia',
    KeySchema: [{ AttributeName: 'dia', KeyType: 'HASH' as const }],
    Projection: { ProjectionType: 'KEYS_ONLY' as const },
  }

  await dynamodb.send(
    new UpdateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'dia', AttributeType: 'S' }],
      GlobalSecondaryIndexUpdates: [{ Create }],
    }),
  )
  await igarape.settled()

  const query = {
    TableName,
    IndexName: 'porDia',
    KeyConditionExpression: 'dia = :d',
    ExpressionAttributeValues: { ':d': { S: 'seg' } },
  }
  expect((await dynamodb.send(new QueryCommand(query))).Count).toBe(2)
  await dynamodb.send(
    new UpdateTableCommand({ TableName, GlobalSecondaryIndexUpdates: [{ Delete: { IndexName: 'porDia' } }] }),
  )
  await expect(dynamodb.send(new QueryCommand(query))).rejects.toThrow(
    'The table does not have the specified index: porDia',
  )
})

test('a provisioned table throttles when its units are spent, until the clock has given new ones', async ({
  igarape,
}) => {
  const dynamodb = await withTable(igarape, {
    BillingMode: 'PROVISIONED',
    ProvisionedThroughput: { ReadCapacityUnits: 1, WriteCapacityUnits: 1 },
  })
  const put = () =>
    dynamodb.send(new PutItemCommand({ TableName, Item: { ...keyOf('1', 1), texto: { S: 'x'.repeat(350_000) } } }))
  await put()

  await expect(put()).rejects.toMatchObject({ name: 'ProvisionedThroughputExceededException' })
  await igarape.clock.advance({ minutes: 5 })
  await put()
  await igarape.clock.advance({ minutes: 2 })
  const sumOf = async (MetricName: string) => {
    const EndTime = igarape.clock.now()
    const StartTime = new Date(EndTime.getTime() - 3_600_000)
    const of = { Namespace: 'AWS/DynamoDB', Dimensions: [{ Name: 'TableName', Value: TableName }] }
    const { Datapoints = [] } = await igarape
      .client(CloudWatchClient)
      .send(
        new GetMetricStatisticsCommand({ ...of, MetricName, StartTime, EndTime, Period: 3600, Statistics: ['Sum'] }),
      )
    return Datapoints.reduce((sum, point) => sum + (point.Sum ?? 0), 0)
  }
  expect(await sumOf('ConsumedWriteCapacityUnits')).toBe(2 * 342)
  expect(await sumOf('WriteThrottleEvents')).toBe(1)
})

test('what is not there says so', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)

  await expect(
    dynamodb.send(new EnableKinesisStreamingDestinationCommand({ TableName, StreamArn: 'x'.repeat(40) })),
  ).rejects.toMatchObject({ name: 'NotImplemented' })
})

test('the limits of the account are told, and where it is served', async ({ igarape }) => {
  const dynamodb = igarape.client(DynamoDBClient)

  expect(await dynamodb.send(new DescribeLimitsCommand({}))).toMatchObject({ TableMaxReadCapacityUnits: 40_000 })
  const { Endpoints } = await dynamodb.send(new DescribeEndpointsCommand({}))
  expect(Endpoints).toEqual([{ Address: new URL(igarape.endpoint).host, CachePeriodInMinutes: 1440 }])
})

test('a schema names its attributes', async ({ igarape }) => {
  const dynamodb = await withTable(igarape)

  await expect(
    dynamodb.send(
      new CreateTableCommand({
        TableName: 'outra',
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [{ AttributeName: 'a', AttributeType: 'S' }],
        KeySchema: [{ AttributeName: 'b', KeyType: 'HASH' }],
      }),
    ),
  ).rejects.toThrow('Some index key attributes are not defined in AttributeDefinitions. Keys: [b]')
})
