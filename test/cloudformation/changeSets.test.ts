/** Change sets through the SDK: what they say, what they do. */
import {
  type Change,
  CloudFormationClient,
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
} from '@aws-sdk/client-cloudformation'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const parameter = (value: unknown, name?: string) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value: value, ...(name && { Name: name }) },
})

async function propose(igarape: Igarape, name: string, resources: object, type: 'CREATE' | 'UPDATE' = 'UPDATE') {
  const cloudFormation = igarape.client(CloudFormationClient)
  const place = { StackName: 'loja', ChangeSetName: name }
  const template = JSON.stringify({ Resources: resources })
  await cloudFormation.send(new CreateChangeSetCommand({ ...place, ChangeSetType: type, TemplateBody: template }))
  const described = await cloudFormation.send(new DescribeChangeSetCommand({ ...place, IncludePropertyValues: true }))
  return { ...described, summary: (described.Changes ?? []).map(summary) }
}

function summary({ ResourceChange: change }: Change): string {
  return [change?.Action, change?.LogicalResourceId, change?.Replacement].filter(Boolean).join(' ')
}

async function execute(igarape: Igarape, name: string) {
  await igarape
    .client(CloudFormationClient)
    .send(new ExecuteChangeSetCommand({ StackName: 'loja', ChangeSetName: name }))
  await igarape.settled()
}

async function status(igarape: Igarape) {
  const answer = await igarape.client(CloudFormationClient).send(new DescribeStacksCommand({ StackName: 'loja' }))
  return answer.Stacks?.[0]?.StackStatus
}

test('a change set makes a stack in review, and is executed once', async ({ igarape }) => {
  const first = await propose(igarape, 'um', { A: parameter('a'), B: parameter({ Ref: 'A' }) }, 'CREATE')

  expect(first).toMatchObject({ Status: 'CREATE_COMPLETE', ExecutionStatus: 'AVAILABLE', summary: ['Add A', 'Add B'] })
  expect(await status(igarape)).toBe('REVIEW_IN_PROGRESS')
  await execute(igarape, 'um')
  expect(await status(igarape)).toBe('CREATE_COMPLETE')
  await expect(execute(igarape, 'um')).rejects.toMatchObject({ name: 'InvalidChangeSetStatusException' })
})

test('a change set says what is changed, replaced and removed, and why', async ({ igarape }) => {
  const before = { A: parameter('a', '/a'), B: parameter({ Ref: 'A' }), C: parameter('c'), D: parameter('d') }
  await propose(igarape, 'um', before, 'CREATE')
  await execute(igarape, 'um')

  const after = { A: parameter('a', '/A'), B: parameter({ Ref: 'A' }), C: parameter('C'), E: parameter('e') }
  const second = await propose(igarape, 'dois', after)

  expect(second.summary).toEqual(['Modify A True', 'Modify B False', 'Modify C False', 'Remove D', 'Add E'])
  const [a, b] = (second.Changes ?? []).map((change) => change.ResourceChange?.Details?.[0])
  expect(a).toMatchObject({
    Evaluation: 'Static',
    Target: { Name: 'Name', RequiresRecreation: 'Always', BeforeValue: '/a', AfterValue: '/A' },
  })
  expect(b).toMatchObject({ Evaluation: 'Dynamic', Target: { AfterValue: '{{changeSet:KNOWN_AFTER_APPLY}}' } })
  await execute(igarape, 'dois')
  expect(await status(igarape)).toBe('UPDATE_COMPLETE')
})

test('a change set without changes fails in AWS’s words, and one that is deleted is not found', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  await propose(igarape, 'um', { A: parameter('a') }, 'CREATE')
  await execute(igarape, 'um')

  const same = await propose(igarape, 'igual', { A: parameter('a') })

  expect(same).toMatchObject({
    Status: 'FAILED',
    StatusReason:
      "The submitted information didn't contain changes. Submit different information to create a change set.",
  })
  const place = { StackName: 'loja', ChangeSetName: 'igual' }
  await cloudFormation.send(new DeleteChangeSetCommand(place))
  await expect(cloudFormation.send(new DescribeChangeSetCommand(place))).rejects.toMatchObject({
    name: 'ChangeSetNotFoundException',
  })
})
