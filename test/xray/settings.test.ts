/** Groups, sampling rules and what they let clients sample, tags, settings, and the templates that make them. */
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  UpdateStackCommand,
} from '@aws-sdk/client-cloudformation'
import {
  CreateGroupCommand,
  CreateSamplingRuleCommand,
  DeleteGroupCommand,
  DeleteSamplingRuleCommand,
  GetEncryptionConfigCommand,
  GetGroupCommand,
  GetGroupsCommand,
  GetSamplingRulesCommand,
  GetSamplingStatisticSummariesCommand,
  GetSamplingTargetsCommand,
  ListTagsForResourceCommand,
  PutEncryptionConfigCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateGroupCommand,
  UpdateSamplingRuleCommand,
  XRayClient,
} from '@aws-sdk/client-xray'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const anything = {
  ResourceARN: '*',
  ServiceName: '*',
  ServiceType: '*',
  Host: '*',
  HTTPMethod: '*',
  URLPath: '*',
  Version: 1,
}

async function rules(igarape: Igarape) {
  const { SamplingRuleRecords = [] } = await igarape.client(XRayClient).send(new GetSamplingRulesCommand({}))
  return SamplingRuleRecords.map(({ SamplingRule: rule }) => [
    ...[rule?.RuleName, rule?.Priority, rule?.FixedRate, rule?.ReservoirSize, rule?.URLPath],
  ])
}

test('groups are made, found by name and ARN, changed and deleted', async ({ igarape }) => {
  const xray = igarape.client(XRayClient)
  const { Group } = await xray.send(new CreateGroupCommand({ GroupName: 'falhas', FilterExpression: 'fault' }))
  const GroupARN = Group?.GroupARN as string
  const updated = await xray.send(new UpdateGroupCommand({ GroupARN, FilterExpression: 'error OR fault' }))
  const { Groups } = await xray.send(new GetGroupsCommand({}))

  expect(GroupARN).toMatch(/^arn:aws:xray:us-east-1:000000000000:group\/falhas\/[A-Z0-9]{52}$/)
  expect(updated.Group?.FilterExpression).toBe('error OR fault')
  expect((await xray.send(new GetGroupCommand({ GroupName: 'falhas' }))).Group).toEqual(updated.Group)
  expect(Groups?.map(({ GroupName }) => GroupName)).toEqual(['Default', 'falhas'])
  const twin = xray.send(new CreateGroupCommand({ GroupName: 'falhas' }))
  await expect(twin).rejects.toMatchObject({ name: 'InvalidRequestException' })
  const broken = xray.send(new CreateGroupCommand({ GroupName: 'outro', FilterExpression: 'fault AND' }))
  await expect(broken).rejects.toMatchObject({ name: 'InvalidRequestException' })
  await xray.send(new DeleteGroupCommand({ GroupName: 'falhas' }))
  const gone = xray.send(new GetGroupCommand({ GroupName: 'falhas' }))
  await expect(gone).rejects.toMatchObject({ name: 'InvalidRequestException' })
})

test('sampling rules are made, changed and deleted beside the default', async ({ igarape }) => {
  const xray = igarape.client(XRayClient)
  const SamplingRule = {
    ...anything,
    RuleName: 'pedidos',
    Priority: 10,
    FixedRate: 0.5,
    ReservoirSize: 3,
    URLPath: '/pedidos',
  }
  const made = await xray.send(new CreateSamplingRuleCommand({ SamplingRule }))
  const RuleARN = 'arn:aws:xray:us-east-1:000000000000:sampling-rule/pedidos'
  await xray.send(new UpdateSamplingRuleCommand({ SamplingRuleUpdate: { RuleARN, FixedRate: 1 } }))
  await xray.send(new UpdateSamplingRuleCommand({ SamplingRuleUpdate: { RuleName: 'Default', FixedRate: 0.1 } }))

  expect(made.SamplingRuleRecord?.SamplingRule).toMatchObject({ ...SamplingRule, RuleARN })
  expect(await rules(igarape)).toEqual([
    ['Default', 10_000, 0.1, 1, '*'],
    ['pedidos', 10, 1, 3, '/pedidos'],
  ])
  const twin = xray.send(new CreateSamplingRuleCommand({ SamplingRule }))
  await expect(twin).rejects.toMatchObject({ name: 'InvalidRequestException' })
  await xray.send(new DeleteSamplingRuleCommand({ RuleName: 'pedidos' }))
  expect(await rules(igarape)).toHaveLength(1)
  const unknown = xray.send(new DeleteSamplingRuleCommand({ RuleName: 'pedidos' }))
  await expect(unknown).rejects.toMatchObject({ name: 'InvalidRequestException' })
})

test("a rule's reservoir is shared by the clients that report, and what they report is summed up", async ({
  igarape,
}) => {
  const xray = igarape.client(XRayClient)
  const SamplingRule = { ...anything, RuleName: 'pedidos', Priority: 1, FixedRate: 0.2, ReservoirSize: 5 }
  await xray.send(new CreateSamplingRuleCommand({ SamplingRule }))
  const report = async (letter: string, RuleName = 'pedidos') => {
    const counts = { RequestCount: 10, SampledCount: 2, BorrowCount: 1, Timestamp: igarape.clock.now() }
    const SamplingStatisticsDocuments = [{ RuleName, ClientID: letter.repeat(24), ...counts }]
    return await xray.send(new GetSamplingTargetsCommand({ SamplingStatisticsDocuments }))
  }
  const quotaOf = (answer: Awaited<ReturnType<typeof report>>) => answer.SamplingTargetDocuments?.[0]?.ReservoirQuota

  const alone = await report('a')
  expect(alone.SamplingTargetDocuments).toEqual([
    {
      RuleName: 'pedidos',
      FixedRate: 0.2,
      ReservoirQuota: 5,
      ReservoirQuotaTTL: new Date(igarape.clock.now().getTime() + 10_000),
      Interval: 10,
    },
  ])
  expect(quotaOf(await report('b'))).toBe(2)
  expect(quotaOf(await report('a'))).toBe(3)
  const { SamplingStatisticSummaries } = await xray.send(new GetSamplingStatisticSummariesCommand({}))
  expect(SamplingStatisticSummaries).toMatchObject([
    { RuleName: 'pedidos', RequestCount: 30, SampledCount: 6, BorrowCount: 3 },
  ])
  await igarape.clock.advance({ seconds: 60 })
  expect(quotaOf(await report('a'))).toBe(5)
  expect((await report('a', 'nada')).UnprocessedStatistics).toMatchObject([{ RuleName: 'nada' }])
})

test('groups and rules have tags', async ({ igarape }) => {
  const xray = igarape.client(XRayClient)
  const Tags = [{ Key: 'time', Value: 'dados' }]
  const { Group } = await xray.send(new CreateGroupCommand({ GroupName: 'falhas', Tags }))
  const ResourceARN = Group?.GroupARN as string
  await xray.send(new TagResourceCommand({ ResourceARN, Tags: [{ Key: 'custo', Value: '42' }] }))
  await xray.send(new UntagResourceCommand({ ResourceARN, TagKeys: ['time'] }))

  const listed = await xray.send(new ListTagsForResourceCommand({ ResourceARN }))
  expect(listed.Tags).toEqual([{ Key: 'custo', Value: '42' }])
  const unknown = xray.send(new ListTagsForResourceCommand({ ResourceARN: `${ResourceARN}X` }))
  await expect(unknown).rejects.toMatchObject({ name: 'ResourceNotFoundException' })
})

test('traces are not encrypted by a key, and who asks for it is told', async ({ igarape }) => {
  const xray = igarape.client(XRayClient)
  await xray.send(new PutEncryptionConfigCommand({ Type: 'NONE' }))

  const { EncryptionConfig } = await xray.send(new GetEncryptionConfigCommand({}))
  expect(EncryptionConfig).toEqual({ Status: 'ACTIVE', Type: 'NONE' })
  const byKey = xray.send(new PutEncryptionConfigCommand({ Type: 'KMS', KeyId: 'alias/x' }))
  await expect(byKey).rejects.toMatchObject({ name: 'NotImplemented' })
})

const template = (rate: number, expression: string) =>
  JSON.stringify({
    Resources: {
      Grupo: {
        Type: 'AWS::XRay::Group',
        Properties: { GroupName: 'lentas', FilterExpression: expression, Tags: [{ Key: 'time', Value: 'dados' }] },
      },
      Regra: {
        Type: 'AWS::XRay::SamplingRule',
        Properties: {
          SamplingRule: { ...anything, RuleName: 'tudo', Priority: 7, FixedRate: rate, ReservoirSize: 1 },
        },
      },
    },
  })

test('a template makes, changes and deletes them', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  const xray = igarape.client(XRayClient)
  const expressions = async () =>
    (await xray.send(new GetGroupsCommand({}))).Groups?.map(({ GroupName, FilterExpression }) => [
      GroupName,
      FilterExpression,
    ])
  const StackName = 'tracos'
  await cloudFormation.send(new CreateStackCommand({ StackName, TemplateBody: template(0.1, 'duration > 5') }))
  await igarape.settled()
  const made = [await expressions(), await rules(igarape)]
  await cloudFormation.send(new UpdateStackCommand({ StackName, TemplateBody: template(0.9, 'duration > 9') }))
  await igarape.settled()
  const changed = [await expressions(), await rules(igarape)]
  await cloudFormation.send(new DeleteStackCommand({ StackName }))
  await igarape.settled()

  expect(made).toEqual([
    [
      ['Default', undefined],
      ['lentas', 'duration > 5'],
    ],
    [
      ['Default', 10_000, 0.05, 1, '*'],
      ['tudo', 7, 0.1, 1, '*'],
    ],
  ])
  expect(changed).toEqual([
    [
      ['Default', undefined],
      ['lentas', 'duration > 9'],
    ],
    [
      ['Default', 10_000, 0.05, 1, '*'],
      ['tudo', 7, 0.9, 1, '*'],
    ],
  ])
  expect(await expressions()).toEqual([['Default', undefined]])
  expect(await rules(igarape)).toHaveLength(1)
})
