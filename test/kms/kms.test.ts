/** KMS through the SDK. */
import {
  CreateAliasCommand,
  CreateKeyCommand,
  DecryptCommand,
  DescribeKeyCommand,
  DisableKeyCommand,
  EncryptCommand,
  GenerateDataKeyCommand,
  KMSClient,
  ScheduleKeyDeletionCommand,
  SignCommand,
  VerifyCommand,
} from '@aws-sdk/client-kms'
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const plaintext = Buffer.from('segredo')

test('what a key encrypts, only that key and the same context decrypt', async ({ igarape }) => {
  const kms = igarape.client(KMSClient)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  await kms.send(new CreateAliasCommand({ AliasName: 'alias/loja', TargetKeyId: KeyMetadata?.KeyId }))
  const context = { loja: '123' }

  const encrypted = await kms.send(
    new EncryptCommand({ KeyId: 'alias/loja', Plaintext: plaintext, EncryptionContext: context }),
  )
  const CiphertextBlob = encrypted.CiphertextBlob

  const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }))
  expect(Buffer.from(decrypted.Plaintext ?? [])).toEqual(plaintext)
  expect(decrypted.KeyId).toBe(KeyMetadata?.Arn)
  await expect(kms.send(new DecryptCommand({ CiphertextBlob }))).rejects.toMatchObject({
    name: 'InvalidCiphertextException',
  })
  await kms.send(new DisableKeyCommand({ KeyId: KeyMetadata?.KeyId }))
  await expect(kms.send(new DecryptCommand({ CiphertextBlob, EncryptionContext: context }))).rejects.toMatchObject({
    name: 'DisabledException',
  })
})

test('a data key comes in the clear and encrypted', async ({ igarape }) => {
  const kms = igarape.client(KMSClient)

  const key = await kms.send(new GenerateDataKeyCommand({ KeyId: 'alias/aws/s3', KeySpec: 'AES_256' }))

  const decrypted = await kms.send(new DecryptCommand({ CiphertextBlob: key.CiphertextBlob }))
  expect(decrypted.Plaintext).toEqual(key.Plaintext)
  expect(key.Plaintext).toHaveLength(32)
})

test('a key pair signs', async ({ igarape }) => {
  const kms = igarape.client(KMSClient)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({ KeySpec: 'RSA_2048', KeyUsage: 'SIGN_VERIFY' }))
  const signing = {
    KeyId: KeyMetadata?.KeyId,
    Message: plaintext,
    SigningAlgorithm: 'RSASSA_PSS_SHA_256' as const,
  }

  const { Signature } = await kms.send(new SignCommand(signing))

  expect((await kms.send(new VerifyCommand({ ...signing, Signature }))).SignatureValid).toBe(true)
  await expect(
    kms.send(new VerifyCommand({ ...signing, Message: Buffer.from('outro'), Signature })),
  ).rejects.toMatchObject({ name: 'KMSInvalidSignatureException' })
})

test('a key is deleted when its waiting time is over', async ({ igarape }) => {
  const kms = igarape.client(KMSClient)
  const { KeyMetadata } = await kms.send(new CreateKeyCommand({}))
  const KeyId = KeyMetadata?.KeyId
  await kms.send(new ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }))

  await igarape.clock.advance({ days: 6 })
  expect((await kms.send(new DescribeKeyCommand({ KeyId }))).KeyMetadata?.KeyState).toBe('PendingDeletion')
  await igarape.clock.advance({ days: 1, seconds: 1 })
  await expect(kms.send(new DescribeKeyCommand({ KeyId }))).rejects.toMatchObject({ name: 'NotFoundException' })
})

test('a secure parameter is kept encrypted', async ({ igarape }) => {
  const ssm = igarape.client(SSMClient)
  await ssm.send(new PutParameterCommand({ Name: '/db/senha', Value: 'segredo', Type: 'SecureString' }))

  const raw = await ssm.send(new GetParameterCommand({ Name: '/db/senha' }))
  const clear = await ssm.send(new GetParameterCommand({ Name: '/db/senha', WithDecryption: true }))

  expect(raw.Parameter?.Value).not.toContain('segredo')
  expect(clear.Parameter?.Value).toBe('segredo')
})
