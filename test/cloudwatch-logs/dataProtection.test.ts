/** Data protection: what a policy names is shown as asterisks wherever events leave the group. */
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteDataProtectionPolicyCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  GetDataProtectionPolicyCommand,
  GetLogEventsCommand,
  PutDataProtectionPolicyCommand,
  PutLogEventsCommand,
  PutMetricFilterCommand,
} from '@aws-sdk/client-cloudwatch-logs'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const place = { logGroupName: '/app', logStreamName: 's' }
const identifier = (name: string) => `arn:aws:dataprotection::aws:data-identifier/${name}`

function policy(names: string[], findings: object = {}): string {
  const DataIdentifier = names.map((name) => (name === 'Order' ? name : identifier(name)))
  return JSON.stringify({
    Name: 'p',
    Version: '2021-06-01',
    Configuration: { CustomDataIdentifier: [{ Name: 'Order', Regex: 'order-[0-9]+' }] },
    Statement: [
      { Sid: 'audit', DataIdentifier, Operation: { Audit: { FindingsDestination: findings } } },
      { Sid: 'mask', DataIdentifier, Operation: { Deidentify: { MaskConfig: {} } } },
    ],
  })
}

async function logsOf(igarape: Igarape, logGroupClass: 'STANDARD' | 'INFREQUENT_ACCESS' = 'STANDARD') {
  const logs = igarape.client(CloudWatchLogsClient)
  await logs.send(new CreateLogGroupCommand({ logGroupName: '/app', logGroupClass }))
  await logs.send(new CreateLogStreamCommand(place))
  const put = (message: string) =>
    logs.send(new PutLogEventsCommand({ ...place, logEvents: [{ timestamp: igarape.clock.now().getTime(), message }] }))
  const protect = (policyDocument: string) =>
    logs.send(new PutDataProtectionPolicyCommand({ logGroupIdentifier: '/app', policyDocument }))
  return { logs, put, protect }
}

test('what came after the policy is masked, unless one asks to see it', async ({ igarape }) => {
  const { logs, put, protect } = await logsOf(igarape)
  await put('before ana@loja.com')
  await igarape.clock.advance({ seconds: 1 })
  const document = policy(['EmailAddress', 'IpAddress', 'CreditCardNumber', 'Order'])
  await protect(document)
  await put('ana@loja.com 10.0.0.17 4111-1111-1111-1111 4111111111111112 order-17 x')

  const shown = async (input: object = {}) => {
    const [got, filtered] = await Promise.all([
      logs.send(new GetLogEventsCommand({ ...place, ...input })),
      logs.send(new FilterLogEventsCommand({ logGroupName: '/app', ...input })),
    ])
    expect(got.events?.map(({ message }) => message)).toEqual(filtered.events?.map(({ message }) => message))
    return got.events?.map(({ message }) => message)
  }
  const stars = (count: number) => '*'.repeat(count)
  const before = 'before ana@loja.com'
  expect(await shown()).toEqual([before, `${stars(12)} ${stars(9)} ${stars(19)} 4111111111111112 ${stars(8)} x`])
  expect((await shown({ unmask: true }))?.[1]).toContain('ana@loja.com 10.0.0.17')
  const asked = new GetDataProtectionPolicyCommand({ logGroupIdentifier: '/app' })
  expect((await logs.send(asked)).policyDocument).toBe(document)

  await logs.send(new DeleteDataProtectionPolicyCommand({ logGroupIdentifier: '/app' }))
  expect((await shown())?.[1]).toContain('ana@loja.com')
  const { logGroups } = await logs.send(new DescribeLogGroupsCommand({}))
  expect(logGroups?.[0]?.dataProtectionStatus).toBe('DELETED')
})

test('a policy that asks for what cannot be found or sent is refused by name', async ({ igarape }) => {
  const { protect } = await logsOf(igarape)

  await expect(protect(policy(['Name']))).rejects.toMatchObject({
    message: 'The data identifier Name is not implemented by Igarapé.',
  })
  await expect(protect(policy(['EmailAddress'], { S3: { Bucket: 'b' } }))).rejects.toMatchObject({
    name: 'NotImplemented',
  })
  await expect(protect('{}')).rejects.toMatchObject({ name: 'InvalidParameterException' })
  await expect(protect('{')).rejects.toMatchObject({ name: 'InvalidParameterException' })
})

test('a group for seldom access takes events, and is neither read nor filtered', async ({ igarape }) => {
  const { logs, put, protect } = await logsOf(igarape, 'INFREQUENT_ACCESS')
  await put('x')

  const metricTransformations = [{ metricName: 'M', metricNamespace: 'N', metricValue: '1' }]
  const filter = { logGroupName: '/app', filterName: 'f', filterPattern: '', metricTransformations }
  for (const refused of [
    logs.send(new GetLogEventsCommand(place)),
    logs.send(new FilterLogEventsCommand({ logGroupName: '/app' })),
    logs.send(new PutMetricFilterCommand(filter)),
    protect(policy(['EmailAddress'])),
  ]) {
    await expect(refused).rejects.toMatchObject({ name: 'InvalidOperationException' })
  }
})
