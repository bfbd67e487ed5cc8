import {
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { describe } from 'vitest'
import { test } from '../fixture.ts'
import { bodyOf, bucketIn, failureOf } from './samples.ts'

describe('buckets', () => {
  test('a bucket is created, listed, found and deleted', async ({ igarape, expect }) => {
    const s3 = igarape.client(S3Client)

    const created = await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
    const head = await s3.send(new HeadBucketCommand({ Bucket: 'vendas' }))
    const listed = await s3.send(new ListBucketsCommand({}))
    await s3.send(new DeleteBucketCommand({ Bucket: 'vendas' }))

    expect(created.Location).toBe('/vendas')
    expect(head.BucketRegion).toBe('us-east-1')
    expect(listed.Buckets?.map((bucket) => bucket.Name)).toEqual(['vendas'])
    expect(await failureOf(s3.send(new HeadBucketCommand({ Bucket: 'vendas' })))).toMatchObject({ status: 404 })
  })

  test('creating a bucket again succeeds in us-east-1 and is refused elsewhere', async ({ igarape, expect }) => {
    const s3 = igarape.client(S3Client)
    const oregon = new S3Client({ ...igarape.clientSettings, region: 'us-west-2' })
    const inOregon = new CreateBucketCommand({
      Bucket: 'oeste',
      CreateBucketConfiguration: { LocationConstraint: 'us-west-2' },
    })

    await s3.send(new CreateBucketCommand({ Bucket: 'leste' }))
    await s3.send(new CreateBucketCommand({ Bucket: 'leste' }))
    await oregon.send(inOregon)

    expect(await failureOf(oregon.send(inOregon))).toMatchObject({ code: 'BucketAlreadyOwnedByYou', status: 409 })
    oregon.destroy()
  })

  test('another account cannot take the name', async ({ igarape, expect }) => {
    const other = new S3Client({
      ...igarape.clientSettings,
      credentials: { accessKeyId: '111122223333', secretAccessKey: 'test' },
    })
    await bucketIn(igarape, 'vendas')

    expect(await failureOf(other.send(new CreateBucketCommand({ Bucket: 'vendas' })))).toMatchObject({
      code: 'BucketAlreadyExists',
      status: 409,
    })
    other.destroy()
  })

  test.for(['ab', 'Vendas', 'a_b', '10.0.0.1', 'a..b', '-ab', 'x'.repeat(64)])(
    'the name %s is refused',
    async (name, { igarape, expect }) => {
      const created = igarape.client(S3Client).send(new CreateBucketCommand({ Bucket: name }))
      expect(await failureOf(created)).toMatchObject({ code: 'InvalidBucketName', status: 400 })
    },
  )

  test('a bucket that holds an object is not deleted', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'vendas')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'x' }))

    expect(await failureOf(s3.send(new DeleteBucketCommand({ Bucket })))).toMatchObject({ code: 'BucketNotEmpty' })
  })
})

describe('objects', () => {
  test('an object comes back with what was said of it', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'vendas')

    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'loja-123_2025-10-20.csv',
        Body: 'produto_id;valor;data\n',
        ContentType: 'text/csv; charset=utf-8',
        CacheControl: 'no-store',
        ContentDisposition: 'attachment',
        ContentLanguage: 'pt-BR',
        Metadata: { loja: '123' },
      }),
    )
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'loja-123_2025-10-20.csv' }))

    expect(await bodyOf(got)).toBe('produto_id;valor;data\n')
    expect(got).toMatchObject({
      ETag: put.ETag,
      ContentLength: 22,
      ContentType: 'text/csv; charset=utf-8',
      CacheControl: 'no-store',
      ContentDisposition: 'attachment',
      ContentLanguage: 'pt-BR',
      Metadata: { loja: '123' },
      AcceptRanges: 'bytes',
      ServerSideEncryption: 'AES256',
    })
  })

  test.for([0, 1, 32 * 1024, 32 * 1024 + 1, 3_000_000])(
    'a body of %i bytes comes back whole',
    async (size, { igarape, expect }) => {
      const { s3, Bucket } = await bucketIn(igarape, 'vendas')
      const body = Buffer.alloc(size, 'abcdefg')

      await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: body }))
      const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))

      expect(Buffer.compare(Buffer.from((await got.Body?.transformToByteArray()) ?? []), body)).toBe(0)
      expect(got.ContentLength).toBe(size)
    },
  )

  test.for(['a', 'a/b', 'a//b', '../x', './..', 'á é/ç', 'x'.repeat(1024), '/lead', 'trail/', 'a b+c%20d', '日本/🚀'])(
    'the key %s is a key like any other',
    async (Key, { igarape, expect }) => {
      const { s3, Bucket } = await bucketIn(igarape, 'vendas')
      await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))

      expect(await bodyOf(await s3.send(new GetObjectCommand({ Bucket, Key })))).toBe(Key)
    },
  )

  test('`a` and `a/b` lie beside each other', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'vendas')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: '1' }))
    await s3.send(new PutObjectCommand({ Bucket, Key: 'a/b', Body: '2' }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))

    expect(await bodyOf(await s3.send(new GetObjectCommand({ Bucket, Key: 'a/b' })))).toBe('2')
    expect(await failureOf(s3.send(new GetObjectCommand({ Bucket, Key: 'a' })))).toMatchObject({ code: 'NoSuchKey' })
  })

  test('a key of 1,025 bytes is too long', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'vendas')
    const put = s3.send(new PutObjectCommand({ Bucket, Key: `${'x'.repeat(1023)}é`, Body: '' }))

    expect(await failureOf(put)).toMatchObject({ code: 'KeyTooLongError', status: 400 })
  })

  test('what is not there is NoSuchKey or NoSuchBucket', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'vendas')

    expect(await failureOf(s3.send(new GetObjectCommand({ Bucket, Key: 'k' })))).toMatchObject({
      code: 'NoSuchKey',
      status: 404,
    })
    expect(await failureOf(s3.send(new GetObjectCommand({ Bucket: 'nowhere', Key: 'k' })))).toMatchObject({
      code: 'NoSuchBucket',
      status: 404,
    })
    expect(await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'k' })))).toMatchObject({ status: 404 })
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
  })
})
