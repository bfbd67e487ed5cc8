/** Encrypting, decrypting, data keys, MACs and signatures. */
import { constants, createPrivateKey, createPublicKey, sign, timingSafeEqual, verify } from 'node:crypto'
import type { Context } from '../../delivery/context.ts'
import { awsErrors } from '../../wire/errors.ts'
import { operations } from '../service.ts'
import { decrypt, encrypt, keyIdOf, mac } from './keyMaterial.ts'
import { findKey, type Key, keyArn, keyNotFound, mustUse, randomKeyBytes } from './keys.ts'

const {
  DisabledException,
  IncorrectKeyException,
  InvalidCiphertextException,
  InvalidKeyUsageException,
  KMSInvalidMacException,
  KMSInvalidSignatureException,
  KMSInvalidStateException,
  UnsupportedOperationException,
} = awsErrors('kms')

export const cryptographyOperations = operations('kms', {
  async Encrypt(input, ctx) {
    const key = await mustUseFor(ctx, input.KeyId, 'ENCRYPT_DECRYPT')
    return {
      KeyId: keyArn(key.id, ctx),
      CiphertextBlob: encrypt(key, input.Plaintext, input.EncryptionContext ?? {}),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' as const,
    }
  },

  async Decrypt(input, ctx) {
    const ciphertext = input.CiphertextBlob
    if (!ciphertext) throw InvalidCiphertextException('')
    const key = decryptingKey(ctx, ciphertext, input.KeyId)
    return {
      KeyId: keyArn(key.id, ctx),
      Plaintext: decrypt(key, ciphertext, input.EncryptionContext ?? {}),
      EncryptionAlgorithm: 'SYMMETRIC_DEFAULT' as const,
    }
  },

  async ReEncrypt(input, ctx) {
    const ciphertext = input.CiphertextBlob
    if (!ciphertext) throw InvalidCiphertextException('')
    const source = decryptingKey(ctx, ciphertext, input.SourceKeyId)
    const target = await mustUseFor(ctx, input.DestinationKeyId, 'ENCRYPT_DECRYPT')
    const plaintext = decrypt(source, ciphertext, input.SourceEncryptionContext ?? {})
    return {
      SourceKeyId: keyArn(source.id, ctx),
      KeyId: keyArn(target.id, ctx),
      CiphertextBlob: encrypt(target, plaintext, input.DestinationEncryptionContext ?? {}),
      SourceEncryptionAlgorithm: 'SYMMETRIC_DEFAULT' as const,
      DestinationEncryptionAlgorithm: 'SYMMETRIC_DEFAULT' as const,
    }
  },

  async GenerateDataKey(input, ctx) {
    return await dataKey(ctx, input)
  },

  async GenerateDataKeyWithoutPlaintext(input, ctx) {
    const { Plaintext: _, ...answer } = await dataKey(ctx, input)
    return answer
  },

  async GenerateRandom(input) {
    return { Plaintext: randomKeyBytes(input.NumberOfBytes ?? 32) }
  },

  async GenerateMac(input, ctx) {
    const key = await mustUseFor(ctx, input.KeyId, 'GENERATE_VERIFY_MAC')
    return {
      Mac: mac(key, input.MacAlgorithm, input.Message),
      MacAlgorithm: input.MacAlgorithm,
      KeyId: keyArn(key.id, ctx),
    }
  },

  async VerifyMac(input, ctx) {
    const key = await mustUseFor(ctx, input.KeyId, 'GENERATE_VERIFY_MAC')
    const expected = mac(key, input.MacAlgorithm, input.Message)
    if (expected.length !== input.Mac.length || !timingSafeEqual(expected, input.Mac)) throw KMSInvalidMacException('')
    return { KeyId: keyArn(key.id, ctx), MacValid: true, MacAlgorithm: input.MacAlgorithm }
  },

  async Sign(input, ctx) {
    const key = await mustUseFor(ctx, input.KeyId, 'SIGN_VERIFY')
    const { hash, padding } = signing(input.SigningAlgorithm, input.MessageType)
    return {
      KeyId: keyArn(key.id, ctx),
      Signature: sign(hash, input.Message, { key: privateKeyOf(key), ...padding }),
      SigningAlgorithm: input.SigningAlgorithm,
    }
  },

  async Verify(input, ctx) {
    const key = await mustUseFor(ctx, input.KeyId, 'SIGN_VERIFY')
    const { hash, padding } = signing(input.SigningAlgorithm, input.MessageType)
    const publicKey = createPublicKey(privateKeyOf(key))
    if (!verify(hash, input.Message, { key: publicKey, ...padding }, input.Signature))
      throw KMSInvalidSignatureException('')
    return { KeyId: keyArn(key.id, ctx), SignatureValid: true, SigningAlgorithm: input.SigningAlgorithm }
  },

  async GetPublicKey(input, ctx) {
    const key = await mustUse(ctx, input.KeyId)
    if (key.usage !== 'SIGN_VERIFY') throw UnsupportedOperationException('')
    return {
      KeyId: keyArn(key.id, ctx),
      PublicKey: createPublicKey(privateKeyOf(key)).export({ type: 'spki', format: 'der' }),
      KeySpec: key.spec as 'RSA_2048',
      KeyUsage: key.usage,
    }
  },
})

async function dataKey(
  ctx: Context,
  input: {
    KeyId: string
    KeySpec?: string | undefined
    NumberOfBytes?: number | undefined
    EncryptionContext?: Record<string, string> | undefined
  },
) {
  const key = await mustUseFor(ctx, input.KeyId, 'ENCRYPT_DECRYPT')
  const plaintext = randomKeyBytes(input.NumberOfBytes ?? (input.KeySpec === 'AES_128' ? 16 : 32))
  return {
    KeyId: keyArn(key.id, ctx),
    Plaintext: plaintext,
    CiphertextBlob: encrypt(key, plaintext, input.EncryptionContext ?? {}),
  }
}

async function mustUseFor(ctx: Context, name: string, usage: Key['usage']): Promise<Key> {
  const key = checkEnabled(ctx, await mustUse(ctx, name))
  if (key.usage === usage && (usage !== 'ENCRYPT_DECRYPT' || key.spec === 'SYMMETRIC_DEFAULT')) return key
  throw InvalidKeyUsageException(
    `${keyArn(key.id, ctx)} key usage is ${key.usage} which is not valid for this operation.`,
  )
}

function checkEnabled(ctx: Context, key: Key): Key {
  if (key.state === 'Disabled') throw DisabledException(`${keyArn(key.id, ctx)} is disabled.`)
  if (key.state === 'PendingDeletion') throw KMSInvalidStateException(`${keyArn(key.id, ctx)} is pending deletion.`)
  return key
}

function decryptingKey(ctx: Context, ciphertext: Uint8Array, wanted: string | undefined): Key {
  const key = findKey(ctx, keyIdOf(ciphertext))
  if (!key) throw InvalidCiphertextException('')
  const named = wanted === undefined ? key : findKey(ctx, wanted)
  if (!named) throw keyNotFound(ctx, wanted as string)
  if (named.id !== key.id) {
    throw IncorrectKeyException('The key ID in the request does not identify a CMK that can perform this operation.')
  }
  return checkEnabled(ctx, key)
}

function privateKeyOf(key: Key) {
  return createPrivateKey({ key: Buffer.from(key.material, 'base64'), format: 'der', type: 'pkcs8' })
}

function signing(algorithm: string, messageType: string | undefined) {
  if (messageType === 'DIGEST') throw UnsupportedOperationException('Signing digests is not implemented by Igarapé.')
  const [, kind, bits] = /^RSASSA_(PSS|PKCS1_V1_5)_SHA_(256|384|512)$/.exec(algorithm) ?? []
  if (!kind || !bits) throw UnsupportedOperationException(`${algorithm} is not implemented by Igarapé.`)
  const padding =
    kind === 'PSS'
      ? { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: Number(bits) / 8 }
      : { padding: constants.RSA_PKCS1_PADDING }
  return { hash: `sha${bits}`, padding }
}
