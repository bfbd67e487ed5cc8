/** AWS::Events::* and AWS::Logs::*: made, changed and deleted as CloudFormation does it. */
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs'
import {
  DescribeEventBusCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListTargetsByRuleCommand,
} from '@aws-sdk/client-eventbridge'
import { expect } from 'vitest'
import { groupResource, policyResource, streamResource } from '../../src/services/cloudwatch-logs/resources.ts'
import { busPolicyResource, busResource, ruleResource } from '../../src/services/eventbridge/resources.ts'
import type { ResourceContext } from '../../src/services/resource.ts'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const groupArn = 'arn:aws:logs:us-east-1:000000000000:log-group:/cfn'

function resourceContext({ server }: Igarape): ResourceContext {
  const ctx = server.platform.context({ account: '000000000000', region: 'us-east-1' })
  const stack = { stackName: 'stack', stackId: 'arn:stack', logicalId: 'Thing', tags: { stack: 'stack' }, token: 't' }
  return { ...ctx, ctx, ...stack, generatedName: () => 'stack-Thing-1A2B3C' }
}

test('a rule on a bus of its own is made, loses and gains targets, and goes', async ({ igarape }) => {
  const events = igarape.client(EventBridgeClient)
  const r = resourceContext(igarape)
  const bus = await busResource.create({ Name: 'sales' }, r)
  const before = {
    EventBusName: 'sales',
    EventPattern: { source: ['a'] },
    Targets: [
      { Id: 'one', Arn: groupArn },
      { Id: 'two', Arn: groupArn },
    ],
  }
  const made = await ruleResource.create(before, r)
  const after = {
    ...before,
    EventPattern: { source: ['b'] },
    State: 'DISABLED',
    Targets: [{ Id: 'two', Arn: groupArn }],
  }
  await ruleResource.update?.(made.id, after, before, r)

  expect(bus).toMatchObject({ id: 'sales', attributes: { Arn: expect.stringContaining(':event-bus/sales') } })
  expect(made).toEqual({
    id: 'sales|stack-Thing-1A2B3C',
    attributes: { Arn: 'arn:aws:events:us-east-1:000000000000:rule/sales/stack-Thing-1A2B3C' },
  })
  const place = { EventBusName: 'sales', Rule: 'stack-Thing-1A2B3C' }
  expect((await events.send(new ListTargetsByRuleCommand(place))).Targets?.map(({ Id }) => Id)).toEqual(['two'])
  const described = new DescribeRuleCommand({ EventBusName: 'sales', Name: place.Rule })
  expect(await events.send(described)).toMatchObject({ EventPattern: '{"source":["b"]}', State: 'DISABLED' })

  await ruleResource.delete(made.id, after, r)
  await ruleResource.delete(made.id, after, r)
  await busResource.delete('sales', {}, r)
  await ruleResource.delete(made.id, after, r)
  await expect(events.send(described)).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('statements of a bus policy come and go one by one', async ({ igarape }) => {
  const r = resourceContext(igarape)
  const events = igarape.client(EventBridgeClient)
  const sids = async () => {
    const { Policy = '{"Statement":[]}' } = await events.send(new DescribeEventBusCommand({}))
    return JSON.parse(Policy).Statement.map(({ Sid }: { Sid: string }) => Sid)
  }
  const Statement = { Effect: 'Allow', Principal: '*', Action: 'events:PutEvents', Resource: '*' }
  const one = { EventBusName: 'default', StatementId: 'one', Statement }
  const two = { EventBusName: 'default', StatementId: 'two', Action: 'events:PutEvents', Principal: '111122223333' }
  const made = [await busPolicyResource.create(one, r), await busPolicyResource.create(two, r)]
  expect(await sids()).toEqual(['one', 'two'])

  await busPolicyResource.delete(made[0]?.id ?? '', one, r)
  expect(await sids()).toEqual(['two'])
})

test('a log group follows its properties, with a stream and a policy', async ({ igarape }) => {
  const r = resourceContext(igarape)
  const logs = igarape.client(CloudWatchLogsClient)
  const before = { LogGroupName: '/cfn', RetentionInDays: 7 }
  const made = await groupResource.create(before, r)
  await streamResource.create({ LogGroupName: '/cfn', LogStreamName: 's' }, r)
  await policyResource.create({ PolicyName: 'p', PolicyDocument: { Statement: [] } }, r)
  await groupResource.update?.('/cfn', { LogGroupName: '/cfn' }, before, r)

  expect(made).toEqual({ id: '/cfn', attributes: { Arn: `${groupArn}:*` } })
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}))
  expect(logGroups?.[0]?.retentionInDays).toBeUndefined()
  for (const resource of [streamResource, groupResource, groupResource]) {
    await resource.delete(resource === streamResource ? 's' : '/cfn', { LogGroupName: '/cfn' }, r)
  }
  expect((await logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([])
})
