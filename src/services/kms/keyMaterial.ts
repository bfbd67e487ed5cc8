/** The secret part of keys, and what is done with it: AES-GCM, HMAC, and signatures of key pairs. */
import { createCipheriv, createDecipheriv, createHmac, generateKeyPairSync, randomBytes } from 'node:crypto'
import { awsErrors } from '../../wire/errors.ts'
import type { Key } from './keys.ts'

const { InvalidCiphertextException, UnsupportedOperationException } = awsErrors('kms')

const ivBytes = 12
const tagBytes = 16
const idBytes = 36
/** Before each ciphertext, so that what was not made here is told apart. */
const header = Buffer.from([1, 2, 2, 0])

const hmacHashes: Record<string, string> = {
  HMAC_224: 'sha224',
  HMAC_256: 'sha256',
  HMAC_384: 'sha384',
  HMAC_512: 'sha512',
}

export function newMaterial(spec: string): Pick<Key, 'material' | 'usage'> {
  if (spec === 'SYMMETRIC_DEFAULT') return { material: randomBytes(32).toString('base64'), usage: 'ENCRYPT_DECRYPT' }
  if (hmacHashes[spec]) return { material: randomBytes(64).toString('base64'), usage: 'GENERATE_VERIFY_MAC' }
  const bits = /^RSA_(2048|3072|4096)$/.exec(spec)?.[1]
  if (bits === undefined) throw UnsupportedOperationException(`Keys of spec ${spec} are not implemented by Igarapé.`)
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: Number(bits) })
  const material = privateKey.export({ type: 'pkcs8', format: 'der' }).toString('base64')
  return { material, usage: 'SIGN_VERIFY' }
}

export function encrypt(key: Key, plaintext: Uint8Array, context: Record<string, string>): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), iv)
  cipher.setAAD(contextBytes(context))
  const body = Buffer.concat([cipher.update(plaintext), cipher.final()])
  return Buffer.concat([header, Buffer.from(key.id), iv, cipher.getAuthTag(), body])
}

/** The key that a ciphertext names. */
export function keyIdOf(ciphertext: Uint8Array): string {
  const bytes = Buffer.from(ciphertext)
  if (bytes.length < header.length + idBytes + ivBytes + tagBytes || !bytes.subarray(0, header.length).equals(header)) {
    throw InvalidCiphertextException('')
  }
  return bytes.subarray(header.length, header.length + idBytes).toString()
}

export function decrypt(key: Key, ciphertext: Uint8Array, context: Record<string, string>): Buffer {
  const bytes = Buffer.from(ciphertext).subarray(header.length + idBytes)
  const decipher = createDecipheriv('aes-256-gcm', Buffer.from(key.material, 'base64'), bytes.subarray(0, ivBytes))
  decipher.setAAD(contextBytes(context))
  decipher.setAuthTag(bytes.subarray(ivBytes, ivBytes + tagBytes))
  try {
    return Buffer.concat([decipher.update(bytes.subarray(ivBytes + tagBytes)), decipher.final()])
  } catch {
    throw InvalidCiphertextException('')
  }
}

/** The encryption context, in one order: it must be the same, not be given in the same order. */
function contextBytes(context: Record<string, string>): Buffer {
  return Buffer.from(JSON.stringify(Object.entries(context).sort(([left], [right]) => (left < right ? -1 : 1))))
}

export function mac(key: Key, algorithm: string, message: Uint8Array): Buffer {
  const hash = hmacHashes[algorithm.replace('_SHA', '')]
  if (!hash) throw UnsupportedOperationException(`MAC algorithm ${algorithm} is not implemented by Igarapé.`)
  return createHmac(hash, Buffer.from(key.material, 'base64')).update(message).digest()
}
