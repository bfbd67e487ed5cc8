/** Tables made by CloudFormation. */
import { CloudFormationClient, CreateStackCommand, DescribeStacksCommand } from '@aws-sdk/client-cloudformation'
import { DescribeTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

test('a stack makes a table, and says which of its properties are not there', async ({ igarape }) => {
  const cloudformation = igarape.client(CloudFormationClient)
  const create = async (StackName: string, more: object) => {
    const Properties = {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      ...more,
    }
    const Resources = { Contagens: { Type: 'AWS::DynamoDB::Table', Properties } }
    const Outputs = { Nome: { Value: { Ref: 'Contagens' } } }
    await cloudformation.send(
      new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources, Outputs }) }),
    )
    await igarape.settled()
    return (await cloudformation.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0]
  }

  const stack = await create('contagens', {})
  const refused = await create('fluxo', { StreamSpecification: { StreamViewType: 'NEW_IMAGE' } })

  const TableName = stack?.Outputs?.[0]?.OutputValue as string
  const { Table } = await igarape.client(DynamoDBClient).send(new DescribeTableCommand({ TableName }))
  expect(Table?.KeySchema).toEqual([{ AttributeName: 'id', KeyType: 'HASH' }])
  expect(refused?.StackStatus).toBe('ROLLBACK_COMPLETE')
})
