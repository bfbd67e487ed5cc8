/** A whole stack of AWS::Events::*: made, working, changed, taken away. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  DescribeConnectionCommand,
  EventBridgeClient,
  ListApiDestinationsCommand,
  ListConnectionsCommand,
  ListEventBusesCommand,
  ListTagsForResourceCommand,
  PutEventsCommand,
} from '@aws-sdk/client-eventbridge'
import { ListSecretsCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager'
import { expect, onTestFinished } from 'vitest'
import { apiDestinationResource, connectionResource } from '../../src/services/eventbridge/apiResources.ts'
import type { ResourceContext } from '../../src/services/resource.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { webServer } from './webServer.ts'

interface Variant {
  key: string
  method: string
  tags: { Key: string; Value: string }[]
}

function template(url: string, { key, method, tags }: Variant) {
  const att = (name: string, attribute: string) => ({ 'Fn::GetAtt': [name, attribute] })
  const parameters = { HeaderParameters: [{ Key: 'X-Tenant', Value: 'loja', IsValueSecret: 'true' }] }
  const resources = {
    Bus: { Type: 'AWS::Events::EventBus', Properties: { Name: 'sales', Description: method, Tags: tags } },
    Partners: {
      Type: 'AWS::Events::EventBusPolicy',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        StatementId: 'partner',
        Statement: { Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: att('Bus', 'Arn') },
      },
    },
    Key: {
      Type: 'AWS::Events::Connection',
      Properties: {
        AuthorizationType: 'API_KEY',
        AuthParameters: {
          ApiKeyAuthParameters: { ApiKeyName: 'X-Key', ApiKeyValue: key },
          InvocationHttpParameters: parameters,
        },
      },
    },
    Orders: {
      Type: 'AWS::Events::ApiDestination',
      Properties: {
        ConnectionArn: att('Key', 'Arn'),
        HttpMethod: method,
        InvocationEndpoint: `${url}/orders`,
        InvocationRateLimitPerSecond: '10',
      },
    },
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [{ Effect: 'Allow', Principal: { Service: 'events.amazonaws.com' }, Action: 'sts:AssumeRole' }],
        },
      },
    },
    Rule: {
      Type: 'AWS::Events::Rule',
      Properties: {
        EventBusName: { Ref: 'Bus' },
        EventPattern: { source: ['app'] },
        Targets: [
          {
            Id: 'web',
            Arn: att('Orders', 'Arn'),
            RoleArn: att('Role', 'Arn'),
            RetryPolicy: { MaximumRetryAttempts: '3' },
            InputTransformer: { InputPathsMap: { id: '$.detail.id' }, InputTemplate: '{"order": <id>}' },
          },
        ],
      },
    },
  }
  const Outputs = { Policy: { Value: att('Orders', 'ArnForPolicy') }, Secret: { Value: att('Key', 'SecretArn') } }
  return JSON.stringify({ Resources: resources, Outputs })
}

async function stack(igarape: Igarape) {
  const found = await igarape.client(CloudFormationClient).send(new DescribeStacksCommand({ StackName: 'loja' }))
  const { StackStatus, StackStatusReason, Outputs = [] } = found.Stacks?.[0] ?? {}
  const outputs = Object.fromEntries(Outputs.map(({ OutputKey, OutputValue = '' }) => [OutputKey, OutputValue]))
  return { status: StackStatus, reason: StackStatusReason, outputs }
}

test('events reach the endpoint of a stack, before and after an update, and nothing is left behind', async ({
  igarape,
}) => {
  const [cloudFormation, events] = [igarape.client(CloudFormationClient), igarape.client(EventBridgeClient)]
  const web = await webServer()
  onTestFinished(() => web.close())
  const Capabilities = ['CAPABILITY_IAM' as const]
  const put = async () => {
    const Entries = [{ Source: 'app', DetailType: 'sale', Detail: '{"id":7}', EventBusName: 'sales' }]
    await events.send(new PutEventsCommand({ Entries }))
    await igarape.settled()
  }
  const first = template(web.url, { key: 'one', method: 'POST', tags: [{ Key: 'a', Value: '1' }] })
  await cloudFormation.send(new CreateStackCommand({ StackName: 'loja', TemplateBody: first, Capabilities }))
  await igarape.settled()
  const made = await stack(igarape)
  expect(made).toMatchObject({ status: 'CREATE_COMPLETE' })
  expect(made.outputs.Policy).toMatch(/:api-destination\/loja-Orders-\w+$/)
  expect(made.outputs.Secret).toContain(':secret:events!connection/loja-Key-')
  await put()

  const second = template(web.url, { key: 'two', method: 'PUT', tags: [{ Key: 'b', Value: '2' }] })
  await cloudFormation.send(new UpdateStackCommand({ StackName: 'loja', TemplateBody: second, Capabilities }))
  await igarape.settled()
  expect(await stack(igarape)).toMatchObject({ status: 'UPDATE_COMPLETE' })
  await put()
  expect(web.asked.map(({ method, body, headers }) => [method, body, headers['x-key'], headers['x-tenant']])).toEqual([
    ['POST', '{"order": 7}', 'one', 'loja'],
    ['PUT', '{"order": 7}', 'two', 'loja'],
  ])
  const bus = 'arn:aws:events:us-east-1:000000000000:event-bus/sales'
  const { Tags } = await events.send(new ListTagsForResourceCommand({ ResourceARN: bus }))
  expect(Tags?.filter(({ Key }) => !Key?.startsWith('aws:'))).toEqual([{ Key: 'b', Value: '2' }])

  await cloudFormation.send(new DeleteStackCommand({ StackName: 'loja' }))
  await igarape.settled()
  expect((await events.send(new ListConnectionsCommand({}))).Connections).toEqual([])
  expect((await events.send(new ListApiDestinationsCommand({}))).ApiDestinations).toEqual([])
  expect((await events.send(new ListEventBusesCommand({}))).EventBuses?.map(({ Name }) => Name)).toEqual(['default'])
  const manager = igarape.client(SecretsManagerClient)
  expect((await manager.send(new ListSecretsCommand({}))).SecretList).toEqual([])
})

test('a creation that is called again after a kill finds what it made, and takes nothing that was there', async ({
  igarape,
}) => {
  const ctx = igarape.server.platform.context({ account: '000000000000', region: 'us-east-1' })
  const stackOf = (token: string): ResourceContext => {
    const names = { stackName: 'stack', stackId: 'arn:stack', logicalId: 'Thing', tags: {}, token }
    return { ...ctx, ctx, ...names, generatedName: () => 'thing' }
  }
  const connection = {
    Name: 'partner',
    AuthorizationType: 'API_KEY',
    AuthParameters: { ApiKeyAuthParameters: { ApiKeyName: 'k', ApiKeyValue: 'v' } },
  }
  const made = await connectionResource.create(connection, stackOf('one'))
  const again = await connectionResource.create(connection, stackOf('one'))
  expect(again).toEqual(made)
  await expect(connectionResource.create(connection, stackOf('two'))).rejects.toMatchObject({
    code: 'ResourceAlreadyExistsException',
  })

  const ConnectionArn = made.attributes?.Arn
  const destination = { ConnectionArn, HttpMethod: 'POST', InvocationEndpoint: 'https://example.com' }
  expect(await apiDestinationResource.create(destination, stackOf('one'))).toMatchObject({ id: 'thing' })
  await apiDestinationResource.delete('thing', destination, stackOf('one'))
  await apiDestinationResource.delete('thing', destination, stackOf('one'))
  await connectionResource.delete('partner', connection, stackOf('one'))
  await igarape.settled()
  const gone = igarape.client(EventBridgeClient).send(new DescribeConnectionCommand({ Name: 'partner' }))
  await expect(gone).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})
