/**
 * Checksums of bodies (digests.ts computes them): compared with what the client said, kept with the object and given back.
 * Also `Content-MD5`, and the checksums of objects uploaded in parts (a checksum of checksums, or a whole one).
 */
import { createHash } from 'node:crypto'
import { type CrcKind, combineCrc } from './crc.ts'
import { type ChecksumAlgorithm, checksumAlgorithms, type Digested, type DigestOrder, digestOf } from './digests.ts'
import { BadDigest, ContentSha256Mismatch, InvalidDigest, InvalidRequest } from './errors.ts'

export type ChecksumType = 'FULL_OBJECT' | 'COMPOSITE'

export interface Checksum {
  algorithm: ChecksumAlgorithm
  /** Base64; composite ones end in `-` and the number of parts. */
  value: string
  type: ChecksumType
}

/** The members by which requests and answers carry checksums. */
export interface ChecksumMembers {
  ChecksumCRC32?: string
  ChecksumCRC32C?: string
  ChecksumCRC64NVME?: string
  ChecksumSHA1?: string
  ChecksumSHA256?: string
}

export function isChecksumAlgorithm(name: string): name is ChecksumAlgorithm {
  return (checksumAlgorithms as readonly string[]).includes(name)
}

const members = {
  CRC32: 'ChecksumCRC32',
  CRC32C: 'ChecksumCRC32C',
  CRC64NVME: 'ChecksumCRC64NVME',
  SHA1: 'ChecksumSHA1',
  SHA256: 'ChecksumSHA256',
} as const satisfies Record<ChecksumAlgorithm, keyof ChecksumMembers>

/** The one checksum that a request states; two are refused. */
export function statedChecksum(claims: ChecksumMembers): { algorithm: ChecksumAlgorithm; value: string } | undefined {
  let stated: { algorithm: ChecksumAlgorithm; value: string } | undefined
  for (const algorithm of checksumAlgorithms) {
    const value = claims[members[algorithm]]
    if (value === undefined) continue
    if (stated) {
      throw InvalidRequest('Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed.')
    }
    if (!isDigestOf(algorithm, value)) {
      throw InvalidRequest(`Value for x-amz-checksum-${algorithm.toLowerCase()} header is invalid.`)
    }
    stated = { algorithm, value }
  }
  return stated
}

/** Claims that follow a body, by the names of their headers. */
export function trailingClaims(trailers: Record<string, string>): ChecksumMembers {
  const claims: ChecksumMembers = {}
  for (const header in trailers) {
    const algorithm = header.replace('x-amz-checksum-', '').toUpperCase()
    if (isChecksumAlgorithm(algorithm)) claims[members[algorithm]] = trailers[header]
  }
  return claims
}

export function checksumMembers(checksum: Checksum | undefined): ChecksumMembers & { ChecksumType?: ChecksumType } {
  return checksum ? { [members[checksum.algorithm]]: checksum.value, ChecksumType: checksum.type } : {}
}

const digestBytes: Record<ChecksumAlgorithm, number> = { CRC32: 4, CRC32C: 4, CRC64NVME: 8, SHA1: 20, SHA256: 32 }

function isDigestOf(algorithm: ChecksumAlgorithm, value: string): boolean {
  const bytes = Buffer.from(value, 'base64')
  return bytes.length === digestBytes[algorithm] && bytes.toString('base64') === value
}

export interface BodyClaims extends ChecksumMembers {
  ContentMD5?: string
  /** The algorithm to use where no value is stated. */
  ChecksumAlgorithm?: string
}

/** What a client says of a body: which digests that takes, and whether they are as it said. */
export class BodyCheck {
  readonly order: DigestOrder
  readonly #claims: BodyClaims
  readonly #stated: ReturnType<typeof statedChecksum>
  readonly #signedSha256: string | undefined

  /**
   * `signedSha256`: the hexadecimal hash that the request's signature covers. `algorithm`: used where the client names
   * none; S3 gives every object a checksum, and its own choice is CRC-64/NVME.
   */
  constructor(
    claims: BodyClaims,
    { signedSha256, algorithm = 'CRC64NVME' }: { signedSha256?: string; algorithm?: ChecksumAlgorithm } = {},
  ) {
    this.#claims = claims
    this.#signedSha256 = signedSha256
    checkContentMd5(claims.ContentMD5)
    const stated = statedChecksum(claims)
    this.#stated = stated
    const asked = claims.ChecksumAlgorithm
    if (asked !== undefined && !isChecksumAlgorithm(asked)) {
      throw InvalidRequest(
        'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
      )
    }
    this.order = { algorithm: stated?.algorithm ?? asked ?? algorithm, signed: signedSha256 !== undefined }
  }

  /** Call it when the body has ended. `trailing`: what was stated behind it. */
  verify(digested: Digested, trailing: ChecksumMembers = {}): { etag: string; checksum: Checksum } {
    const { md5, checksum: value, signed = '' } = digested
    const { ContentMD5 } = this.#claims
    if (ContentMD5 !== undefined && Buffer.from(md5, 'hex').toString('base64') !== ContentMD5) {
      throw BadDigest('Content-MD5')
    }
    if (this.#signedSha256 !== undefined && signed !== this.#signedSha256) {
      throw ContentSha256Mismatch(this.#signedSha256, signed)
    }
    const { algorithm } = this.order
    const stated = this.#stated ?? statedChecksum(trailing)
    if (stated && (stated.algorithm !== algorithm || stated.value !== value)) throw BadDigest(stated.algorithm)
    return { etag: md5, checksum: { algorithm, value, type: 'FULL_OBJECT' } }
  }
}

function checkContentMd5(claimed: string | undefined): void {
  if (claimed === undefined) return
  const bytes = Buffer.from(claimed, 'base64')
  if (bytes.length !== 16 || bytes.toString('base64') !== claimed) throw InvalidDigest(claimed)
}

/** MD5 of the parts' MD5s, and their number: the entity tag of an object uploaded in parts. */
export function etagOfParts(etags: readonly string[]): string {
  const hash = createHash('md5')
  for (const etag of etags) hash.update(Buffer.from(etag, 'hex'))
  return `${hash.digest('hex')}-${etags.length}`
}

/** The checksum of an object from those of its parts. */
export function checksumOfParts(
  parts: readonly { size: number; checksum: Checksum }[],
  { algorithm, type }: { algorithm: ChecksumAlgorithm; type: ChecksumType },
): Checksum {
  if (type === 'FULL_OBJECT') return { algorithm, type, value: wholeCrc(parts, algorithm as CrcKind) }
  const digest = digestOf(algorithm)
  for (const { checksum } of parts) digest.update(Buffer.from(checksum.value, 'base64'))
  return { algorithm, type, value: `${digest.value()}-${parts.length}` }
}

function wholeCrc(parts: readonly { size: number; checksum: Checksum }[], kind: CrcKind): string {
  let [crc, first] = [0n, true]
  for (const { size, checksum } of parts) {
    const own = BigInt(`0x${Buffer.from(checksum.value, 'base64').toString('hex')}`)
    crc = first ? own : combineCrc(crc, own, size, kind)
    first = false
  }
  return Buffer.from(crc.toString(16).padStart(digestBytes[kind] * 2, '0'), 'hex').toString('base64')
}

/** What a multipart upload uses where the client says only one of the two, or neither. */
export function checksumPlan(
  algorithm: string | undefined,
  type: string | undefined,
): { algorithm: ChecksumAlgorithm; type: ChecksumType; stated: boolean } {
  if (algorithm !== undefined && !isChecksumAlgorithm(algorithm)) {
    throw InvalidRequest(
      'Checksum algorithm provided is unsupported. Please try again with any of the valid types: [CRC32, CRC32C, CRC64NVME, SHA1, SHA256]',
    )
  }
  if (algorithm === undefined) {
    if (type !== undefined)
      throw InvalidRequest('The x-amz-checksum-type header can only be used with the x-amz-checksum-algorithm header.')
    return { algorithm: 'CRC64NVME', type: 'FULL_OBJECT', stated: false }
  }
  const chosen = (type ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE')) as ChecksumType
  const shaWhole = chosen === 'FULL_OBJECT' && algorithm.startsWith('SHA')
  if (shaWhole || (chosen === 'COMPOSITE' && algorithm === 'CRC64NVME')) {
    throw InvalidRequest(
      `The ${chosen} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    )
  }
  return { algorithm, type: chosen, stated: true }
}
