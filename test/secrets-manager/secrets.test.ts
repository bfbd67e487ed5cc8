/** Secrets Manager through the SDK. */
import {
  CreateSecretCommand,
  DeleteSecretCommand,
  DescribeSecretCommand,
  GetRandomPasswordCommand,
  GetSecretValueCommand,
  PutSecretValueCommand,
  RestoreSecretCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

test('stages move with the versions', async ({ igarape }) => {
  const client = igarape.client(SecretsManagerClient)
  const { ARN } = await client.send(new CreateSecretCommand({ Name: 'db/senha', SecretString: 'um' }))
  const second = await client.send(new PutSecretValueCommand({ SecretId: 'db/senha', SecretString: 'dois' }))

  const current = await client.send(new GetSecretValueCommand({ SecretId: ARN }))
  const previous = await client.send(new GetSecretValueCommand({ SecretId: 'db/senha', VersionStage: 'AWSPREVIOUS' }))

  expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:db\/senha-\w{6}$/)
  expect(current).toMatchObject({ SecretString: 'dois', VersionId: second.VersionId, VersionStages: ['AWSCURRENT'] })
  expect(previous.SecretString).toBe('um')
  await expect(client.send(new CreateSecretCommand({ Name: 'db/senha', SecretString: 'x' }))).rejects.toMatchObject({
    name: 'ResourceExistsException',
  })
})

test('a deleted secret can be restored until its window is over', async ({ igarape }) => {
  const client = igarape.client(SecretsManagerClient)
  await client.send(new CreateSecretCommand({ Name: 's', SecretString: 'um' }))
  await client.send(new DeleteSecretCommand({ SecretId: 's', RecoveryWindowInDays: 7 }))
  await expect(client.send(new GetSecretValueCommand({ SecretId: 's' }))).rejects.toThrow('marked for deletion')
  await client.send(new RestoreSecretCommand({ SecretId: 's' }))
  expect((await client.send(new GetSecretValueCommand({ SecretId: 's' }))).SecretString).toBe('um')

  await client.send(new DeleteSecretCommand({ SecretId: 's', RecoveryWindowInDays: 7 }))
  await igarape.clock.advance({ days: 7, seconds: 1 })

  await expect(client.send(new DescribeSecretCommand({ SecretId: 's' }))).rejects.toMatchObject({
    name: 'ResourceNotFoundException',
  })
})

test('a random password keeps its rules', async ({ igarape }) => {
  const { RandomPassword } = await igarape
    .client(SecretsManagerClient)
    .send(new GetRandomPasswordCommand({ PasswordLength: 20, ExcludePunctuation: true, ExcludeCharacters: 'abc' }))

  expect(RandomPassword).toMatch(/^[d-zA-Z0-9]{20}$/)
  expect(RandomPassword).toMatch(/[0-9]/)
})
