/** STS through the SDK. Sessions and users' keys as callers are tested with IAM. */
import { CreateRoleCommand, IAMClient } from '@aws-sdk/client-iam'
import { AssumeRoleCommand, GetCallerIdentityCommand, GetSessionTokenCommand, STSClient } from '@aws-sdk/client-sts'
import { expect } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'

const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'glue.amazonaws.com' }, Action: 'sts:AssumeRole' }],
})

const as = (igarape: Igarape, credentials: { accessKeyId: string; secretAccessKey: string; sessionToken?: string }) =>
  new STSClient({ ...igarape.clientSettings, credentials })

test('the caller is the root of the account that its key names', async ({ igarape }) => {
  const anyone = await igarape.client(STSClient).send(new GetCallerIdentityCommand({}))
  const named = await as(igarape, { accessKeyId: '111122223333', secretAccessKey: 'x' }).send(
    new GetCallerIdentityCommand({}),
  )

  expect(anyone).toMatchObject({ Account: '000000000000', Arn: 'arn:aws:iam::000000000000:root' })
  expect(named).toMatchObject({ Account: '111122223333', Arn: 'arn:aws:iam::111122223333:root' })
})

test('a role that is there is assumed for as long as it allows, one that is not is denied', async ({ igarape }) => {
  const sts = igarape.client(STSClient)
  const { Role } = await igarape
    .client(IAMClient)
    .send(new CreateRoleCommand({ RoleName: 'transforma', AssumeRolePolicyDocument: trust }))
  const RoleArn = Role?.Arn as string
  const { Credentials, AssumedRoleUser } = await sts.send(
    new AssumeRoleCommand({ RoleArn, RoleSessionName: 'noite', DurationSeconds: 900 }),
  )

  expect(AssumedRoleUser?.Arn).toBe('arn:aws:sts::000000000000:assumed-role/transforma/noite')
  expect(Credentials?.Expiration?.getTime()).toBe(igarape.clock.now().getTime() + 900_000)
  await expect(
    sts.send(new AssumeRoleCommand({ RoleArn, RoleSessionName: 'noite', DurationSeconds: 43_200 })),
  ).rejects.toMatchObject({ name: 'ValidationError' })
  await expect(
    sts.send(new AssumeRoleCommand({ RoleArn: `${RoleArn}-outra`, RoleSessionName: 'noite' })),
  ).rejects.toMatchObject({ name: 'AccessDenied' })
})

test('a session that is over is told so', async ({ igarape }) => {
  const { Credentials } = await igarape.client(STSClient).send(new GetSessionTokenCommand({ DurationSeconds: 900 }))
  const session = as(igarape, {
    accessKeyId: Credentials?.AccessKeyId as string,
    secretAccessKey: Credentials?.SecretAccessKey as string,
    sessionToken: Credentials?.SessionToken as string,
  })
  expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '000000000000' })
  await igarape.clock.advance({ minutes: 16 })

  await expect(session.send(new GetCallerIdentityCommand({}))).rejects.toMatchObject({ name: 'ExpiredToken' })
})
