/** AWS::Logs::* in a stack's life: made with all they have, changed in place, deleted. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStacksCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  CloudWatchLogsClient,
  DescribeLogGroupsCommand,
  DescribeMetricFiltersCommand,
  DescribeSubscriptionFiltersCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { makeFunction } from '../lambda/samples.ts'

const StackName = 'logs'

async function statusOf(igarape: Igarape): Promise<string | undefined> {
  await igarape.settled()
  const { Stacks } = await igarape.client(CloudFormationClient).send(new DescribeStacksCommand({ StackName }))
  return Stacks?.[0]?.StackStatus
}

const group = { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/app', RetentionInDays: 7 } }

function template(functionArn: string, metric: object, more: object = {}) {
  const LogGroupName = { Ref: 'Group' }
  return JSON.stringify({
    Resources: {
      Group: { ...group, Properties: { ...group.Properties, ...more } },
      Metric: {
        Type: 'AWS::Logs::MetricFilter',
        Properties: { LogGroupName, FilterPattern: '{ $.ms > 10 }', MetricTransformations: [metric] },
      },
      Permission: {
        Type: 'AWS::Lambda::Permission',
        Properties: { FunctionName: functionArn, Action: 'lambda:InvokeFunction', Principal: 'logs.amazonaws.com' },
      },
      Subscription: {
        Type: 'AWS::Logs::SubscriptionFilter',
        DependsOn: 'Permission',
        Properties: { LogGroupName, FilterPattern: 'ERROR', DestinationArn: functionArn },
      },
    },
  })
}

test('a group with its filters is made, changed and deleted', async ({ igarape }) => {
  const [stacks, logs] = [igarape.client(CloudFormationClient), igarape.client(CloudWatchLogsClient)]
  const arn = await makeFunction(igarape, 'taker', 'exports.handler = async () => 1')
  const Dimensions = [{ Key: 'Route', Value: '$.route' }]
  const metric = { MetricNamespace: 'App', MetricName: 'Slow', MetricValue: '$.ms' }
  const filters = async () => (await logs.send(new DescribeMetricFiltersCommand({}))).metricFilters ?? []

  await stacks.send(new CreateStackCommand({ StackName, TemplateBody: template(arn, { ...metric, Dimensions }) }))
  expect(await statusOf(igarape)).toBe('CREATE_COMPLETE')
  expect(await filters()).toMatchObject([
    { filterPattern: '{ $.ms > 10 }', metricTransformations: [{ dimensions: { Route: '$.route' } }] },
  ])
  const described = await logs.send(new DescribeSubscriptionFiltersCommand({ logGroupName: '/app' }))
  expect(described.subscriptionFilters).toMatchObject([{ filterPattern: 'ERROR', destinationArn: arn }])

  const changed = template(
    arn,
    { ...metric, DefaultValue: 0 },
    { DeletionProtectionEnabled: false, RetentionInDays: 1 },
  )
  await stacks.send(new UpdateStackCommand({ StackName, TemplateBody: changed }))
  expect(await statusOf(igarape)).toBe('UPDATE_COMPLETE')
  expect((await filters())[0]?.metricTransformations).toEqual([
    { metricNamespace: 'App', metricName: 'Slow', metricValue: '$.ms', defaultValue: 0 },
  ])
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: '/app' }))
  expect(logGroups).toMatchObject([{ retentionInDays: 1, metricFilterCount: 1 }])

  await stacks.send(new DeleteStackCommand({ StackName }))
  await igarape.settled()
  expect(await filters()).toEqual([])
})
