import {
  CopyObjectCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type PutObjectCommandInput,
  PutObjectTaggingCommand,
} from '@aws-sdk/client-s3'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { describe } from 'vitest'
import { test } from '../fixture.ts'
import { bodyOf, bucketIn, failureOf } from './samples.ts'

describe('a range', () => {
  test.for([
    ['bytes=0-3', '0123', 'bytes 0-3/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-2', '89', 'bytes 8-9/10'],
    ['bytes=5-500', '56789', 'bytes 5-9/10'],
    ['bytes=0-1,3-4', '0123456789', undefined],
    ['lines=1-2', '0123456789', undefined],
  ] as const)('%s gives %s', async ([Range, body, ContentRange], { igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'leitura')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '0123456789' }))

    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range }))

    expect([await bodyOf(got), got.ContentRange]).toEqual([body, ContentRange])
    expect(got.$metadata.httpStatusCode).toBe(ContentRange ? 206 : 200)
  })

  test('of a body that is a file, read once or again, is the same, and a new body is not the old one', async ({
    igarape,
    expect,
  }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'leitura')
    const put = (letter: string) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: `${letter.repeat(500_000)}${letter}z` }))
    const read = async (Range?: string) =>
      (await bodyOf(await s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range })))) ?? ''

    await put('a')
    const ends = [await read('bytes=-2'), await read('bytes=-3'), (await read())?.slice(-2)]
    await put('b')

    expect(ends).toEqual(['az', 'aaz', 'az'])
    expect([await read('bytes=-2'), (await read())?.length]).toEqual(['bz', 500_002])
  })

  test('beyond the end is refused', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'leitura')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: '0123456789' }))
    const got = s3.send(new GetObjectCommand({ Bucket, Key: 'k', Range: 'bytes=10-' }))
    expect(await failureOf(got)).toMatchObject({ code: 'InvalidRange', status: 416 })
  })
})

describe('a condition', () => {
  test('lets a read through, or answers 304 or 412', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'leitura')
    const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }))
    const status = (input: object) =>
      failureOf(s3.send(new GetObjectCommand({ Bucket, Key: 'k', ...input }))).then((failure) => failure.status)
    const later = new Date(igarape.clock.now().getTime() + 60_000)
    const earlier = new Date(igarape.clock.now().getTime() - 60_000)

    await s3.send(new GetObjectCommand({ Bucket, Key: 'k', IfMatch: ETag, IfModifiedSince: earlier }))
    expect(await status({ IfMatch: '"other"' })).toBe(412)
    expect(await status({ IfNoneMatch: ETag })).toBe(304)
    expect(await status({ IfModifiedSince: later })).toBe(304)
    expect(await status({ IfUnmodifiedSince: earlier })).toBe(412)
  })

  test('lets only one of many writers create a key', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'leitura')
    const put = (extra: Partial<PutObjectCommandInput>) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ...extra }))

    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => put({ IfNoneMatch: '*' })))
    const current = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k' }))
    await put({ IfMatch: current.ETag, Body: 'y' })

    expect(tries.filter((one) => one.status === 'fulfilled')).toHaveLength(1)
    expect(await failureOf(put({ IfMatch: current.ETag }))).toMatchObject({ code: 'PreconditionFailed', status: 412 })
    expect(await failureOf(put({ Key: 'none', IfMatch: current.ETag }))).toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    })
  })
})

describe('what a client says of a body', () => {
  test.for(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    '%s is checked, kept and given back',
    async (ChecksumAlgorithm, { igarape, expect }) => {
      const { s3, Bucket } = await bucketIn(igarape, 'leitura')

      const put = await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'olá', ChecksumAlgorithm }))
      const head = await s3.send(new HeadObjectCommand({ Bucket, Key: 'k', ChecksumMode: 'ENABLED' }))
      const wrong = Buffer.from(put[`Checksum${ChecksumAlgorithm}`] as string, 'base64')
        .fill(7)
        .toString('base64')
      const refused = s3.send(
        new PutObjectCommand({ Bucket, Key: 'bad', Body: 'olá', [`Checksum${ChecksumAlgorithm}`]: wrong }),
      )

      expect(head[`Checksum${ChecksumAlgorithm}`]).toBe(put[`Checksum${ChecksumAlgorithm}`])
      expect(head.ChecksumType).toBe('FULL_OBJECT')
      expect(await failureOf(refused)).toMatchObject({ code: 'BadDigest', status: 400 })
      expect(await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'bad' })))).toMatchObject({ status: 404 })
    },
  )

  test.for([
    ['AAAAAAAAAAAAAAAAAAAAAA==', 'BadDigest'],
    ['nonsense', 'InvalidDigest'],
  ] as const)('Content-MD5 %s is %s', async ([ContentMD5, code], { igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'leitura')
    const put = s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', ContentMD5 }))
    expect(await failureOf(put)).toMatchObject({ code, status: 400 })
  })
})

test('a copy takes what was said of its source, or says anew', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'leitura')
  const Body = Buffer.alloc(100_000, 'c')
  await s3.send(
    new PutObjectCommand({ Bucket, Key: 'á b', Body, ContentType: 'text/csv', Metadata: { a: '1' }, Tagging: 't=1' }),
  )
  const CopySource = `${Bucket}/${encodeURIComponent('á b')}`

  await s3.send(new CopyObjectCommand({ Bucket, Key: 'same', CopySource }))
  await s3.send(
    new CopyObjectCommand({
      Bucket,
      Key: 'anew',
      CopySource,
      MetadataDirective: 'REPLACE',
      Metadata: { b: '2' },
      TaggingDirective: 'REPLACE',
    }),
  )
  const same = await s3.send(new GetObjectCommand({ Bucket, Key: 'same' }))
  const anew = await s3.send(new HeadObjectCommand({ Bucket, Key: 'anew' }))
  const onItself = s3.send(new CopyObjectCommand({ Bucket, Key: 'same', CopySource: `${Bucket}/same` }))

  expect([same.ContentType, same.Metadata, same.TagCount]).toEqual(['text/csv', { a: '1' }, 1])
  expect((await same.Body?.transformToByteArray())?.length).toBe(100_000)
  expect([anew.ContentType, anew.Metadata, anew.TagCount]).toEqual(['binary/octet-stream', { b: '2' }, undefined])
  expect(await failureOf(onItself)).toMatchObject({ code: 'InvalidRequest' })
})

test('tags are kept, and bad ones refused', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'leitura')
  await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x', Tagging: 'a=1&b=dois+e+meio' }))
  const got = await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'k' }))
  const TagSet = Array.from({ length: 11 }, (_, index) => ({ Key: `k${index}`, Value: '' }))

  expect(got.TagSet).toEqual([
    { Key: 'a', Value: '1' },
    { Key: 'b', Value: 'dois e meio' },
  ])
  expect(
    await failureOf(s3.send(new PutObjectTaggingCommand({ Bucket, Key: 'k', Tagging: { TagSet } }))),
  ).toMatchObject({
    code: 'InvalidTag',
  })
})

test('a presigned address reads and writes, with another type if asked', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'leitura')
  const writing = await getSignedUrl(s3, new PutObjectCommand({ Bucket, Key: 'k' }))
  const reading = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'k', ResponseContentType: 'text/x-test' }))

  const put = await fetch(writing, { method: 'PUT', body: 'presigned' })
  const got = await fetch(reading)

  expect([put.status, await got.text(), got.headers.get('content-type')]).toEqual([200, 'presigned', 'text/x-test'])
})
