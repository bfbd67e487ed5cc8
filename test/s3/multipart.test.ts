import { createHash } from 'node:crypto'
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  PutObjectCommand,
  type S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3'
import { Upload } from '@aws-sdk/lib-storage'
import { describe } from 'vitest'
import { test } from '../fixture.ts'
import { bucketIn, failureOf } from './samples.ts'

const fiveMegabytes = 5 * 2 ** 20
const Key = 'grande'

async function begin(s3: S3Client, Bucket: string): Promise<string> {
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/csv' }))
  return UploadId as string
}

const part = (s3: S3Client, Bucket: string, UploadId: string, PartNumber: number, Body: Buffer) =>
  s3.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }))

const complete = (s3: S3Client, Bucket: string, UploadId: string, parts: [number, string | undefined][]) =>
  s3.send(
    new CompleteMultipartUploadCommand({
      Bucket,
      Key,
      UploadId,
      MultipartUpload: { Parts: parts.map(([PartNumber, ETag]) => ({ PartNumber, ETag })) },
    }),
  )

describe('an upload in parts', () => {
  test('becomes one object, tagged by the MD5 of its parts', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'partes')
    const bodies = [Buffer.alloc(fiveMegabytes, 'a'), Buffer.from('the end')]
    const UploadId = await begin(s3, Bucket)
    const second = await part(s3, Bucket, UploadId, 7, bodies[1] as Buffer)
    const first = await part(s3, Bucket, UploadId, 2, bodies[0] as Buffer)

    const listed = await s3.send(new ListPartsCommand({ Bucket, Key, UploadId }))
    const uploads = await s3.send(new ListMultipartUploadsCommand({ Bucket }))
    const done = await complete(s3, Bucket, UploadId, [
      [2, first.ETag],
      [7, second.ETag],
    ])
    const got = await s3.send(
      new GetObjectCommand({ Bucket, Key, Range: `bytes=${fiveMegabytes - 2}-${fiveMegabytes + 2}` }),
    )
    const secondPart = await s3.send(new GetObjectCommand({ Bucket, Key, PartNumber: 2 }))

    const hashes = bodies.map((body) => createHash('md5').update(body).digest())
    const etag = `"${createHash('md5').update(Buffer.concat(hashes)).digest('hex')}-2"`
    expect(listed.Parts?.map((one) => [one.PartNumber, one.Size])).toEqual([
      [2, fiveMegabytes],
      [7, 7],
    ])
    expect(uploads.Uploads?.map((one) => one.UploadId)).toEqual([UploadId])
    expect(done.ETag).toBe(etag)
    expect(await got.Body?.transformToString()).toBe('aathe')
    expect(got).toMatchObject({ ContentType: 'text/csv', ContentRange: `bytes 5242878-5242882/${fiveMegabytes + 7}` })
    expect(await secondPart.Body?.transformToString()).toBe('the end')
    expect(secondPart.PartsCount).toBe(2)
    expect((await s3.send(new ListMultipartUploadsCommand({ Bucket }))).Uploads ?? []).toEqual([])
  })

  test('is refused when its parts are unknown, out of order or too small', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'partes')
    const UploadId = await begin(s3, Bucket)
    const one = await part(s3, Bucket, UploadId, 1, Buffer.from('one'))
    const two = await part(s3, Bucket, UploadId, 2, Buffer.from('two'))

    const failures = [
      await failureOf(complete(s3, Bucket, UploadId, [[1, '"wrong"']])),
      await failureOf(complete(s3, Bucket, UploadId, [[9, one.ETag]])),
      await failureOf(
        complete(s3, Bucket, UploadId, [
          [2, two.ETag],
          [1, one.ETag],
        ]),
      ),
      await failureOf(
        complete(s3, Bucket, UploadId, [
          [1, one.ETag],
          [2, two.ETag],
        ]),
      ),
      await failureOf(part(s3, Bucket, UploadId, 10_001, Buffer.from('x'))),
      await failureOf(part(s3, Bucket, 'nonsense', 1, Buffer.from('x'))),
    ]

    expect(failures.map(({ code }) => code)).toEqual([
      'InvalidPart',
      'InvalidPart',
      'InvalidPartOrder',
      'EntityTooSmall',
      'InvalidArgument',
      'NoSuchUpload',
    ])
  })

  test('that is aborted is gone', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'partes')
    const UploadId = await begin(s3, Bucket)
    await part(s3, Bucket, UploadId, 1, Buffer.from('one'))

    await s3.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }))

    expect(await failureOf(s3.send(new ListPartsCommand({ Bucket, Key, UploadId })))).toMatchObject({
      code: 'NoSuchUpload',
    })
    expect(await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key })))).toMatchObject({ status: 404 })
  })

  test('copies ranges of other objects', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'partes')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'fonte', Body: '0123456789' }))
    const UploadId = await begin(s3, Bucket)

    const copied = await s3.send(
      new UploadPartCopyCommand({
        Bucket,
        Key,
        UploadId,
        PartNumber: 1,
        CopySource: `${Bucket}/fonte`,
        CopySourceRange: 'bytes=2-5',
      }),
    )
    await complete(s3, Bucket, UploadId, [[1, copied.CopyPartResult?.ETag]])

    const got = await s3.send(new GetObjectCommand({ Bucket, Key }))
    expect(await got.Body?.transformToString()).toBe('2345')
  })

  test('by the SDK keeps a checksum of the whole', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'partes')
    const Body = Buffer.alloc(fiveMegabytes + 1000, 'xyz')
    const params = { Bucket, Key, Body, ChecksumAlgorithm: 'CRC32' as const, ChecksumType: 'FULL_OBJECT' as const }
    await new Upload({ client: s3, params }).done()
    await s3.send(new PutObjectCommand({ Bucket, Key: 'whole', Body, ChecksumAlgorithm: 'CRC32' }))

    const ObjectAttributes = ['Checksum', 'ObjectParts', 'ObjectSize'] as ('Checksum' | 'ObjectParts' | 'ObjectSize')[]
    const inParts = await s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes }))
    const whole = await s3.send(new GetObjectAttributesCommand({ Bucket, Key: 'whole', ObjectAttributes }))

    expect(inParts.Checksum?.ChecksumCRC32).toBe(whole.Checksum?.ChecksumCRC32)
    expect(inParts.ObjectParts?.TotalPartsCount).toBe(2)
    expect(inParts.ObjectSize).toBe(fiveMegabytes + 1000)
  })
})
