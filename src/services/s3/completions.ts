/** Completing multipart uploads: which parts, in what order, and what the object's tag and checksum become. */
import type { Tx } from '../../delivery/context.ts'
import { operations } from '../service.ts'
import { type Checksum, type ChecksumMembers, checksumMembers, checksumOfParts, etagOfParts } from './checksums.ts'
import { checkWriteConditionsMeanSomething, quoted, unquoted, type WriteConditions } from './conditions.ts'
import { checksumAlgorithms } from './digests.ts'
import { BadDigest, EntityTooSmall, InvalidPart, InvalidPartOrder, InvalidRequest, MalformedXml } from './errors.ts'
import type { Origin } from './events.ts'
import type { StoredObject } from './objects.ts'
import { dropParts, mustGetUpload, type Part, parts, type Upload, type UploadInput, uploads } from './uploads.ts'
import { encryptionMembers, storeObject } from './writes.ts'

const partBytesMin = 5 * 2 ** 20

interface ListedPart extends ChecksumMembers {
  PartNumber?: number
  ETag?: string
}

interface CompletionInput extends UploadInput, WriteConditions, ChecksumMembers {
  MultipartUpload?: { Parts?: readonly ListedPart[] }
  MpuObjectSize?: number
  ChecksumType?: string
}

export const completionOperations = operations('s3', {
  async CompleteMultipartUpload(input, ctx) {
    checkWriteConditionsMeanSomething(input)
    const object = await ctx.commit((tx) => complete(tx, ctx, input))
    return {
      Location: `${ctx.caller.endpoint}/${object.bucket}/${encodeURIComponent(object.key)}`,
      Bucket: object.bucket,
      Key: object.key,
      ETag: quoted(object.etag),
      VersionId: object.versionId,
      ...checksumMembers(object.checksum),
      ...encryptionMembers(object),
    }
  },
})

function complete(tx: Tx, origin: Origin, input: CompletionInput): StoredObject {
  const upload = mustGetUpload(tx, input)
  const chosen = chosenParts(tx, upload, input.MultipartUpload?.Parts ?? [])
  const size = chosen.reduce((sum, part) => sum + part.size, 0)
  if (input.MpuObjectSize !== undefined && input.MpuObjectSize !== size) {
    throw InvalidRequest(
      `The provided 'x-amz-mp-object-size' header value ${input.MpuObjectSize} does not match what was computed: ${size}`,
    )
  }
  const object = storeObject(tx, origin, {
    headers: upload.headers,
    metadata: upload.metadata,
    tags: upload.tags,
    storageClass: upload.storageClass,
    kept: upload.kept,
    bucket: upload.bucket,
    key: upload.key,
    body: {
      parts: chosen.map(({ number, blobId, size, checksum }) => ({ number, blobId, size, checksum })),
    },
    size,
    etag: etagOfParts(chosen.map((part) => part.etag)),
    checksum: checksumOf(upload, chosen, input),
    conditions: input,
    lock: upload.lock,
    reason: 'CompleteMultipartUpload',
  })
  dropParts(tx, upload.uploadId, new Set(chosen.map((part) => part.number)))
  tx.in(uploads).delete(upload.bucket, upload.key, upload.uploadId)
  return object
}

/** The uploaded parts that the client lists: each there, as it says, in ascending order, none but the last too small. */
function chosenParts(tx: Tx, upload: Upload, listed: readonly ListedPart[]): Part[] {
  if (listed.length === 0) throw MalformedXml()
  const chosen: Part[] = []
  for (const { PartNumber: number = 0, ETag: etag = '', ...checksums } of listed) {
    const before = chosen.at(-1)
    if (before && number <= before.number) throw InvalidPartOrder(upload.uploadId)
    const part = tx.in(parts).get(upload.uploadId, number)
    if (!part || part.etag !== unquoted(etag)) throw InvalidPart(upload.uploadId, number, unquoted(etag))
    const stated = checksumAlgorithms.find((algorithm) => checksums[`Checksum${algorithm}`] !== undefined)
    if (stated && (part.checksum.algorithm !== stated || part.checksum.value !== checksums[`Checksum${stated}`])) {
      throw InvalidPart(upload.uploadId, number, unquoted(etag))
    }
    chosen.push(part)
  }
  const small = chosen.slice(0, -1).find((part) => part.size < partBytesMin)
  if (small) throw EntityTooSmall(small.size, partBytesMin, small.number, small.etag)
  return chosen
}

/** From the parts' checksums; none where parts were sent with checksums of different kinds. */
function checksumOf(upload: Upload, chosen: readonly Part[], input: CompletionInput): Checksum | undefined {
  const { algorithm, type } = upload.checksum
  if (input.ChecksumType !== undefined && upload.checksum.stated && input.ChecksumType !== type) {
    throw InvalidRequest(
      `The upload was created using the ${type} checksum mode. The complete request must use the same checksum mode.`,
    )
  }
  if (chosen.some((part) => part.checksum.algorithm !== algorithm)) return undefined
  const checksum = checksumOfParts(chosen, { algorithm, type })
  const stated = input[`Checksum${algorithm}`]
  if (stated !== undefined && stated !== checksum.value && stated !== checksum.value.replace(/-\d+$/, '')) {
    throw BadDigest(algorithm)
  }
  return checksum
}
