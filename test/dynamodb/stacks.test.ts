/** Tables made by CloudFormation. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
} from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const StackName = 'contagens'
const simple = {
  BillingMode: 'PAY_PER_REQUEST',
  AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
}

/** Makes or updates the stack, whose output is the table's name. */
async function deploy(
  igarape: Igarape,
  more: object,
  how: 'create' | 'update' = 'create',
  Type = 'AWS::DynamoDB::Table',
) {
  const cloudformation = igarape.client(CloudFormationClient)
  const Resources = { Contagens: { Type, Properties: { ...simple, ...more } } }
  const Outputs = { Nome: { Value: { Ref: 'Contagens' } } }
  const input = { StackName, TemplateBody: JSON.stringify({ Resources, Outputs }) }
  await cloudformation.send(how === 'create' ? new CreateStackCommand(input) : (new UpdateStackCommand(input) as never))
  await igarape.settled()
  const stack = (await cloudformation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]
  return { status: stack?.StackStatus, table: stack?.Outputs?.[0]?.OutputValue as string }
}

async function reasons(igarape: Igarape) {
  const { StackEvents = [] } = await igarape
    .client(CloudFormationClient)
    .send(new DescribeStackEventsCommand({ StackName }))
  return StackEvents.map((event) => event.ResourceStatusReason ?? '')
}

const indexOn = (attribute: string) => ({
  IndexName: `por-${attribute}`,
  KeySchema: [{ AttributeName: attribute, KeyType: 'HASH' }],
  Projection: { ProjectionType: 'ALL' },
})

const withIndexes = (...attributes: string[]) => ({
  AttributeDefinitions: ['id', ...attributes].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
  GlobalSecondaryIndexes: attributes.map(indexOn),
})

test('a stack makes a table, and says which of its properties are not there', async ({ igarape }) => {
  const { table: TableName } = await deploy(igarape, {})

  const { Table } = await igarape.client(DynamoDBClient).send(new DescribeTableCommand({ TableName }))
  expect(Table?.KeySchema).toEqual(simple.KeySchema)
  expect(await deploy(igarape, { KinesisStreamSpecification: { StreamArn: 'x' } }, 'update')).toMatchObject({
    status: 'UPDATE_ROLLBACK_COMPLETE',
  })
})

test('a global index comes and goes in place: the table keeps its items', async ({ igarape }) => {
  const dynamodb = igarape.client(DynamoDBClient)
  const { table: TableName } = await deploy(igarape, {})
  await dynamodb.send(new PutItemCommand({ TableName, Item: { id: { S: '1' }, dia: { S: 'seg' } } }))

  const added = await deploy(igarape, withIndexes('dia'), 'update')
  const query = {
    TableName,
    IndexName: 'por-dia',
    KeyConditionExpression: 'dia = :d',
    ExpressionAttributeValues: { ':d': { S: 'seg' } },
  }
  const found = await dynamodb.send(new QueryCommand(query))
  const removed = await deploy(igarape, {}, 'update')

  expect(added).toEqual({ status: 'UPDATE_COMPLETE', table: TableName })
  expect(found.Count).toBe(1)
  expect(removed).toEqual({ status: 'UPDATE_COMPLETE', table: TableName })
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  expect(Table).not.toHaveProperty('GlobalSecondaryIndexes')
})

test('one update makes or deletes one index, and changes none but its throughput', async ({ igarape }) => {
  const { table } = await deploy(igarape, withIndexes('a'))

  expect((await deploy(igarape, withIndexes('a', 'b', 'c'), 'update')).status).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await reasons(igarape)).toContainEqual(
    expect.stringContaining('Cannot perform more than one GSI creation or deletion in a single update'),
  )
  expect((await deploy(igarape, withIndexes('b'), 'update')).status).toBe('UPDATE_ROLLBACK_COMPLETE')
  const narrowed = { ...indexOn('a'), Projection: { ProjectionType: 'KEYS_ONLY' } }
  const changed = await deploy(igarape, { ...withIndexes('a'), GlobalSecondaryIndexes: [narrowed] }, 'update')
  expect(changed.status).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(await reasons(igarape)).toContainEqual(expect.stringContaining("Cannot update GSI's properties"))

  const units = { ProvisionedThroughput: { ReadCapacityUnits: '5', WriteCapacityUnits: 5 } }
  const provisioned = { ...withIndexes('a'), GlobalSecondaryIndexes: [{ ...indexOn('a'), ...units }] }
  const billed = await deploy(igarape, { ...provisioned, BillingMode: 'PROVISIONED', ...units }, 'update')
  expect(billed).toEqual({ status: 'UPDATE_COMPLETE', table })
})

test('a table of one region (TableV2), its stream and time to live come and go with the template', async ({
  igarape,
}) => {
  const dynamodb = igarape.client(DynamoDBClient)
  const replica = { Region: { Ref: 'AWS::Region' }, TableClass: 'STANDARD', DeletionProtectionEnabled: false }
  const whole = {
    Replicas: [replica],
    SSESpecification: { SSEEnabled: false },
    StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    TimeToLiveSpecification: { AttributeName: 'fim', Enabled: true },
  }
  const type = 'AWS::DynamoDB::GlobalTable'

  const { table: TableName, status } = await deploy(igarape, whole, 'create', type)
  const made = await dynamodb.send(new DescribeTableCommand({ TableName }))
  const ttl = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))
  const bare = { Replicas: [replica], StreamSpecification: { StreamViewType: 'KEYS_ONLY' } }
  expect(await deploy(igarape, bare, 'update', type)).toEqual({ status: 'UPDATE_COMPLETE', table: TableName })

  expect(status).toBe('CREATE_COMPLETE')
  expect(made.Table?.StreamSpecification).toEqual({ StreamEnabled: true, StreamViewType: 'NEW_IMAGE' })
  expect(ttl.TimeToLiveDescription).toEqual({ AttributeName: 'fim', TimeToLiveStatus: 'ENABLED' })
  const { Table } = await dynamodb.send(new DescribeTableCommand({ TableName }))
  expect(Table?.StreamSpecification?.StreamViewType).toBe('KEYS_ONLY')
  expect(Table?.LatestStreamArn).not.toBe(made.Table?.LatestStreamArn)
  const off = await dynamodb.send(new DescribeTimeToLiveCommand({ TableName }))
  expect(off.TimeToLiveDescription).toEqual({ TimeToLiveStatus: 'DISABLED' })
  const two = { Replicas: [replica, { Region: 'eu-west-1' }] }
  expect((await deploy(igarape, two, 'update', type)).status).toBe('UPDATE_ROLLBACK_COMPLETE')
})

test('an attribute of another type means another table', async ({ igarape }) => {
  const { table } = await deploy(igarape, {})

  const other = [{ AttributeName: 'id', AttributeType: 'N' }]
  const changed = await deploy(igarape, { AttributeDefinitions: other }, 'update')

  expect(changed.status).toBe('UPDATE_COMPLETE')
  expect(changed.table).not.toBe(table)
})
