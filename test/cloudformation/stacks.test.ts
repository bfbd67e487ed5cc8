/** Stacks through the SDK: made in order, changed, rolled back, deleted. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Fn::Sub writes its variables so.
import {
  CloudFormationClient,
  CreateStackCommand,
  DeleteStackCommand,
  DescribeStackEventsCommand,
  DescribeStackResourcesCommand,
  DescribeStacksCommand,
  ListExportsCommand,
  UpdateStackCommand,
  UpdateTerminationProtectionCommand,
} from '@aws-sdk/client-cloudformation'
import { GetRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const parameter = (value: unknown, more: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Type: 'String', Value: value },
  ...more,
})

const trust = {
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
}

/** Creates or updates a stack and waits until nothing moves. */
async function deploy(igarape: Igarape, template: object, more: object = {}) {
  const cloudFormation = igarape.client(CloudFormationClient)
  const exists = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'loja' })).then(
    () => true,
    () => false,
  )
  const input = {
    StackName: 'loja',
    TemplateBody: JSON.stringify(template),
    Capabilities: ['CAPABILITY_NAMED_IAM' as const],
    ...more,
  }
  await cloudFormation.send(exists ? new UpdateStackCommand(input) : (new CreateStackCommand(input) as never))
  await igarape.settled()
  return await describe(igarape)
}

async function describe(igarape: Igarape) {
  const cloudFormation = igarape.client(CloudFormationClient)
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({ StackName: 'loja' }))
  const { StackResources } = await cloudFormation.send(new DescribeStackResourcesCommand({ StackName: 'loja' }))
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: 'loja' }))
  return {
    status: Stacks?.[0]?.StackStatus,
    reason: Stacks?.[0]?.StackStatusReason,
    outputs: Object.fromEntries((Stacks?.[0]?.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue])),
    ids: Object.fromEntries((StackResources ?? []).map((one) => [one.LogicalResourceId, one.PhysicalResourceId])),
    events: (StackEvents ?? []).map((event) => `${event.LogicalResourceId} ${event.ResourceStatus}`).reverse(),
    reasons: (StackEvents ?? []).map((event) => event.ResourceStatusReason).filter(Boolean),
  }
}

const value = async (igarape: Igarape, name: string | undefined) =>
  (await igarape.client(SSMClient).send(new GetParameterCommand({ Name: name }))).Parameter?.Value

test('resources are made in the order of their dependencies, and events tell it', async ({ igarape }) => {
  const stack = await deploy(igarape, {
    Resources: {
      Third: parameter({ 'Fn::Sub': '${Second}!' }),
      Second: parameter({ 'Fn::GetAtt': ['First', 'Value'] }),
      First: parameter('um'),
      Role: { Type: 'AWS::IAM::Role', Properties: { AssumeRolePolicyDocument: trust }, DependsOn: 'Third' },
    },
    Outputs: { Arn: { Value: { 'Fn::GetAtt': ['Role', 'Arn'] }, Export: { Name: 'role-arn' } } },
  })

  expect(stack.status).toBe('CREATE_COMPLETE')
  expect(stack.events.filter((event) => event.endsWith('CREATE_COMPLETE'))).toEqual([
    'First CREATE_COMPLETE',
    'Second CREATE_COMPLETE',
    'Third CREATE_COMPLETE',
    'Role CREATE_COMPLETE',
    'loja CREATE_COMPLETE',
  ])
  expect(await value(igarape, stack.ids.Third)).toBe(`${stack.ids.Second}!`)
  expect(stack.ids.Role).toMatch(/^loja-Role-[A-Z0-9]{12}$/)
  expect(stack.outputs.Arn).toBe(`arn:aws:iam::000000000000:role/${stack.ids.Role}`)
  const { Exports } = await igarape.client(CloudFormationClient).send(new ListExportsCommand({}))
  expect(Exports).toMatchObject([{ Name: 'role-arn', Value: stack.outputs.Arn }])
})

test('an update changes in place, replaces and removes', async ({ igarape }) => {
  const before = await deploy(igarape, {
    Resources: {
      Same: parameter('a'),
      Changed: parameter('b', { Properties: { Type: 'String', Value: 'b', Name: '/changed' } }),
      Renamed: parameter('c', { Properties: { Type: 'String', Value: 'c', Name: '/old' } }),
      Gone: parameter('d'),
      Kept: parameter('e', { DeletionPolicy: 'Retain' }),
    },
  })

  const after = await deploy(igarape, {
    Resources: {
      Same: parameter('a'),
      Changed: parameter('b', { Properties: { Type: 'String', Value: 'B', Name: '/changed' } }),
      Renamed: parameter('c', { Properties: { Type: 'String', Value: 'c', Name: '/new' } }),
      Added: parameter({ Ref: 'Renamed' }),
    },
  })

  expect(after.status).toBe('UPDATE_COMPLETE')
  expect(after.ids).toEqual({ Same: before.ids.Same, Changed: '/changed', Renamed: '/new', Added: after.ids.Added })
  expect(await value(igarape, '/changed')).toBe('B')
  expect(await value(igarape, after.ids.Added)).toBe('/new')
  await expect(value(igarape, '/old')).rejects.toThrow()
  await expect(value(igarape, before.ids.Gone)).rejects.toThrow()
  expect(await value(igarape, before.ids.Kept)).toBe('e')
  expect(after.events).not.toContain('Same UPDATE_IN_PROGRESS')
})

test('what fails is undone, with the reason of the one that failed', async ({ igarape }) => {
  await igarape.client(SSMClient).send(new PutParameterCommand({ Name: '/taken', Value: 'x', Type: 'String' }))

  const stack = await deploy(igarape, {
    Resources: {
      First: parameter('a', { Properties: { Type: 'String', Value: 'a', Name: '/first' } }),
      Taken: parameter('b', { DependsOn: 'First', Properties: { Type: 'String', Value: 'b', Name: '/taken' } }),
      Never: parameter('c', { DependsOn: 'Taken' }),
    },
  })

  expect(stack.status).toBe('ROLLBACK_COMPLETE')
  expect(stack.reasons.join('\n')).toContain('The parameter already exists.')
  expect(stack.reasons.join('\n')).toContain('The following resource(s) failed to create: [Taken].')
  expect(stack.events).toContain('First DELETE_COMPLETE')
  expect(stack.events).not.toContain('Never CREATE_IN_PROGRESS')
  await expect(value(igarape, '/first')).rejects.toThrow()
  expect(await value(igarape, '/taken')).toBe('x')
})

test('a failed update is rolled back to the state before', async ({ igarape }) => {
  await igarape.client(SSMClient).send(new PutParameterCommand({ Name: '/taken', Value: 'x', Type: 'String' }))
  const named = (name: string, text: string) =>
    parameter(text, { Properties: { Type: 'String', Value: text, Name: name } })
  const before = await deploy(igarape, { Resources: { A: named('/a', 'a'), B: named('/b', 'b'), C: parameter('c') } })

  const after = await deploy(igarape, {
    Resources: {
      A: named('/a', 'A'),
      B: named('/b2', 'b'),
      New: parameter('n', { DependsOn: ['A', 'B'] }),
      Taken: { ...named('/taken', 't'), DependsOn: 'New' },
    },
  })

  expect(after.status).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(after.ids).toEqual(before.ids)
  expect(await value(igarape, '/a')).toBe('a')
  expect(await value(igarape, '/b')).toBe('b')
  await expect(value(igarape, '/b2')).rejects.toThrow()
  const again = await deploy(igarape, { Resources: { A: named('/a', 'again') } })
  expect(again.status).toBe('UPDATE_COMPLETE')
})

test('a deletion removes everything in reverse, unless the stack is protected', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  const stack = await deploy(
    igarape,
    { Resources: { A: parameter('a'), B: parameter({ Ref: 'A' }) } },
    { EnableTerminationProtection: true },
  )
  await expect(cloudFormation.send(new DeleteStackCommand({ StackName: 'loja' }))).rejects.toThrow(
    'cannot be deleted while TerminationProtection is enabled',
  )
  await cloudFormation.send(
    new UpdateTerminationProtectionCommand({ StackName: 'loja', EnableTerminationProtection: false }),
  )
  const { Stacks } = await cloudFormation.send(new DescribeStacksCommand({}))
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'loja' }))
  await igarape.settled()

  await expect(cloudFormation.send(new DescribeStacksCommand({ StackName: 'loja' }))).rejects.toMatchObject({
    name: 'ValidationError',
    message: 'Stack with id loja does not exist',
  })
  const arn = Stacks?.[0]?.StackId
  const { StackEvents } = await cloudFormation.send(new DescribeStackEventsCommand({ StackName: arn }))
  const deleted = (StackEvents ?? []).filter((event) => event.ResourceStatus === 'DELETE_COMPLETE')
  expect(deleted.map((event) => event.LogicalResourceId).reverse()).toEqual(['B', 'A', 'loja'])
  await expect(value(igarape, stack.ids.A)).rejects.toThrow()
})

test('an export in use cannot be deleted or changed', async ({ igarape }) => {
  const cloudFormation = igarape.client(CloudFormationClient)
  const exporting = (text: string) => ({
    Resources: { A: parameter(text) },
    Outputs: { Value: { Value: { 'Fn::GetAtt': ['A', 'Value'] }, Export: { Name: 'shared' } } },
  })
  await deploy(igarape, exporting('a'))
  const importing = { Resources: { I: parameter({ 'Fn::ImportValue': 'shared' }) } }
  await cloudFormation.send(new CreateStackCommand({ StackName: 'cliente', TemplateBody: JSON.stringify(importing) }))
  await igarape.settled()

  const changed = await deploy(igarape, exporting('b'))
  await cloudFormation.send(new DeleteStackCommand({ StackName: 'loja' }))
  await igarape.settled()

  expect(changed.status).toBe('UPDATE_ROLLBACK_COMPLETE')
  expect(changed.reasons.join()).toContain('Export shared cannot be updated as it is in use by cliente')
  expect((await describe(igarape)).status).toBe('DELETE_FAILED')
})

test('a type that is not here is refused by name before anything is made', async ({ igarape }) => {
  await expect(deploy(igarape, { Resources: { A: parameter('a'), B: { Type: 'AWS::EC2::Vpc9' } } })).rejects.toThrow(
    'Template format error: Unrecognized resource types: [AWS::EC2::Vpc9]',
  )
  await expect(
    deploy(
      igarape,
      { Resources: { R: { Type: 'AWS::IAM::Role', Properties: { RoleName: 'x' } } } },
      { Capabilities: [] },
    ),
  ).rejects.toMatchObject({
    name: 'InsufficientCapabilitiesException',
    message: 'Requires capabilities : [CAPABILITY_NAMED_IAM]',
  })
  await expect(igarape.client(IAMClient).send(new GetRoleCommand({ RoleName: 'x' }))).rejects.toMatchObject({
    name: 'NoSuchEntityException',
  })
})
