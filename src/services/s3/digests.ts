/** All that is computed of a body's bytes, in one pass: its entity tag, its checksum, and the hash that its request is signed with. */
import { createHash, type Hash, hash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import { crc32c, crc64nvme } from './crc.ts'

export const checksumAlgorithms = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number]

/** What is wanted beside the MD5. */
export interface DigestOrder {
  algorithm: ChecksumAlgorithm
  /** Also the SHA-256 that signatures cover. */
  signed: boolean
}

export interface Digested {
  /** Hexadecimal. */
  md5: string
  /** Base64. */
  checksum: string
  /** Hexadecimal. */
  signed?: string
}

/** Takes a body in pieces. */
export class Digests {
  readonly #md5: Hash = createHash('md5')
  readonly #checksum: Digest
  readonly #signed: Hash | undefined

  constructor({ algorithm, signed }: DigestOrder) {
    this.#checksum = digestOf(algorithm)
    this.#signed = signed ? createHash('sha256') : undefined
  }

  readonly update = (bytes: Uint8Array): void => {
    this.#md5.update(bytes)
    this.#checksum.update(bytes)
    this.#signed?.update(bytes)
  }

  /** Call it once. */
  finish(): Digested {
    const digested: Digested = { md5: this.#md5.digest('hex'), checksum: this.#checksum.value() }
    if (this.#signed) digested.signed = this.#signed.digest('hex')
    return digested
  }
}

/** The same of a body that is there: for a small one, to make a hash costs more than to hash. */
export function digestsOf(body: Uint8Array, { algorithm, signed }: DigestOrder): Digested {
  const checksum = digestOf(algorithm)
  checksum.update(body)
  const digested: Digested = { md5: hash('md5', body), checksum: checksum.value() }
  if (signed) digested.signed = hash('sha256', body)
  return digested
}

export interface Digest {
  update(bytes: Uint8Array): void
  /** Base64. */
  value(): string
}

export function digestOf(algorithm: ChecksumAlgorithm): Digest {
  if (algorithm === 'CRC32') return crcDigest<number>(0, (bytes, crc) => crc32(bytes, crc), word32)
  if (algorithm === 'CRC32C') return crcDigest(0n, crc32c, (crc) => word32(Number(crc)))
  if (algorithm === 'CRC64NVME') return crcDigest(0n, crc64nvme, word64)
  const hash = createHash(algorithm.toLowerCase())
  return { update: (bytes) => void hash.update(bytes), value: () => hash.digest('base64') }
}

function crcDigest<V>(start: V, next: (bytes: Uint8Array, crc: V) => V, write: (crc: V) => Buffer): Digest {
  let crc = start
  return {
    update: (bytes) => {
      crc = next(bytes, crc)
    },
    value: () => write(crc).toString('base64'),
  }
}

function word32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(value)
  return bytes
}

function word64(value: bigint): Buffer {
  const bytes = Buffer.allocUnsafe(8)
  bytes.writeBigUInt64BE(value)
  return bytes
}
