/** IAM and STS through the SDK: entities, their policies, the keys and sessions that follow from them. */
import {
  AddRoleToInstanceProfileCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateInstanceProfileCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeletePolicyCommand,
  DeleteRoleCommand,
  DetachRolePolicyCommand,
  GetPolicyCommand,
  GetPolicyVersionCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolesCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetAccessKeyInfoCommand, GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})
const readAll = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
})
const logs = 'arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'

test('a role holds attached and inline policies, and is deleted only without them', async ({ igarape }) => {
  const iam = igarape.client(IAMClient)
  const created = await iam.send(
    new CreateRoleCommand({
      RoleName: 'loja',
      Path: '/app/',
      AssumeRolePolicyDocument: trust,
      Tags: [{ Key: 'a', Value: 'b' }],
    }),
  )
  await iam.send(new AttachRolePolicyCommand({ RoleName: 'loja', PolicyArn: logs }))
  await iam.send(new PutRolePolicyCommand({ RoleName: 'loja', PolicyName: 'ler', PolicyDocument: readAll }))

  expect(created.Role).toMatchObject({ Arn: 'arn:aws:iam::000000000000:role/app/loja', MaxSessionDuration: 3600 })
  const { Role: role } = await iam.send(new GetRoleCommand({ RoleName: 'loja' }))
  expect(decodeURIComponent(role?.AssumeRolePolicyDocument ?? '')).toBe(trust)
  expect(role?.Tags).toEqual([{ Key: 'a', Value: 'b' }])
  const inline = await iam.send(new GetRolePolicyCommand({ RoleName: 'loja', PolicyName: 'ler' }))
  expect(decodeURIComponent(inline.PolicyDocument ?? '')).toBe(readAll)
  const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName: 'loja' }))
  expect(attached.AttachedPolicies).toEqual([{ PolicyName: 'AWSLambdaBasicExecutionRole', PolicyArn: logs }])
  await expect(iam.send(new DeleteRoleCommand({ RoleName: 'loja' }))).rejects.toMatchObject({
    name: 'DeleteConflictException',
    message: 'Cannot delete entity, must detach all policies first.',
  })
  await iam.send(new DetachRolePolicyCommand({ RoleName: 'loja', PolicyArn: logs }))
  await expect(iam.send(new DeleteRoleCommand({ RoleName: 'loja' }))).rejects.toMatchObject({
    message: 'Cannot delete entity, must delete policies first.',
  })
})

test('roles are listed in pages', async ({ igarape }) => {
  const iam = igarape.client(IAMClient)
  for (const name of ['a', 'b', 'c']) {
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument: trust }))
  }

  const first = await iam.send(new ListRolesCommand({ MaxItems: 2 }))
  const second = await iam.send(new ListRolesCommand({ MaxItems: 2, Marker: first.Marker }))

  expect(first).toMatchObject({ IsTruncated: true })
  expect([...(first.Roles ?? []), ...(second.Roles ?? [])].map((role) => role.RoleName)).toEqual(['a', 'b', 'c'])
  expect(second).toMatchObject({ IsTruncated: false })
})

test.for([
  ['{', 'This policy contains invalid Json'],
  [
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}',
    'Missing required field Principal',
  ],
  [readAll.replace('"Action"', '"Principal":"*","Action"'), 'Has prohibited field Resource'],
] as const)('a trust policy that is none is refused (%s)', async ([document, message], { igarape }) => {
  const creation = igarape
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: 'x', AssumeRolePolicyDocument: document }))

  await expect(creation).rejects.toMatchObject({ name: 'MalformedPolicyDocumentException', message })
})

test('a managed policy has versions, and AWS’s own can be read', async ({ igarape }) => {
  const iam = igarape.client(IAMClient)
  const { Policy: policy } = await iam.send(new CreatePolicyCommand({ PolicyName: 'p', PolicyDocument: readAll }))
  const arn = policy?.Arn as string
  await iam.send(new CreatePolicyVersionCommand({ PolicyArn: arn, PolicyDocument: readAll, SetAsDefault: true }))

  expect((await iam.send(new GetPolicyCommand({ PolicyArn: arn }))).Policy).toMatchObject({ DefaultVersionId: 'v2' })
  await expect(iam.send(new DeletePolicyCommand({ PolicyArn: arn }))).rejects.toThrow('more than one version')
  const administrator = 'arn:aws:iam::aws:policy/AdministratorAccess'
  const version = await iam.send(new GetPolicyVersionCommand({ PolicyArn: administrator, VersionId: 'v1' }))
  expect(JSON.parse(decodeURIComponent(version.PolicyVersion?.Document ?? ''))).toMatchObject({
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  })
})

test('an instance profile wraps a role', async ({ igarape }) => {
  const iam = igarape.client(IAMClient)
  await iam.send(new CreateRoleCommand({ RoleName: 'r', AssumeRolePolicyDocument: trust }))
  await iam.send(new CreateInstanceProfileCommand({ InstanceProfileName: 'p' }))
  await iam.send(new AddRoleToInstanceProfileCommand({ InstanceProfileName: 'p', RoleName: 'r' }))

  await expect(iam.send(new DeleteRoleCommand({ RoleName: 'r' }))).rejects.toThrow('instance profile')
})

test('the key of a user and the session of a role tell who the caller is', async ({ igarape }) => {
  const iam = igarape.client(IAMClient)
  const sts = igarape.client(STSClient)
  const { Role: role } = await iam.send(new CreateRoleCommand({ RoleName: 'deploy', AssumeRolePolicyDocument: trust }))
  await iam.send(new CreateUserCommand({ UserName: 'ana' }))
  const { AccessKey: key } = await iam.send(new CreateAccessKeyCommand({ UserName: 'ana' }))
  const as = (credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
    new STSClient({ ...igarape.clientSettings, credentials }).send(new GetCallerIdentityCommand({}))

  const assumed = await sts.send(new AssumeRoleCommand({ RoleArn: role?.Arn, RoleSessionName: 'cdk' }))

  expect(await sts.send(new GetCallerIdentityCommand({}))).toMatchObject({
    Account: '000000000000',
    Arn: 'arn:aws:iam::000000000000:root',
  })
  expect(await as({ accessKeyId: key?.AccessKeyId ?? '', secretAccessKey: key?.SecretAccessKey ?? '' })).toMatchObject({
    Arn: 'arn:aws:iam::000000000000:user/ana',
  })
  const { AccessKeyId, SecretAccessKey, SessionToken } = assumed.Credentials ?? {}
  expect(
    await as({
      accessKeyId: AccessKeyId ?? '',
      secretAccessKey: SecretAccessKey ?? '',
      sessionToken: SessionToken ?? '',
    }),
  ).toMatchObject({ UserId: `${role?.RoleId}:cdk`, Arn: 'arn:aws:sts::000000000000:assumed-role/deploy/cdk' })
  expect(await sts.send(new GetAccessKeyInfoCommand({ AccessKeyId }))).toMatchObject({ Account: '000000000000' })
  await expect(
    sts.send(new AssumeRoleCommand({ RoleArn: 'arn:aws:iam::000000000000:role/nobody', RoleSessionName: 'cdk' })),
  ).rejects.toMatchObject({ name: 'AccessDenied' })
})
