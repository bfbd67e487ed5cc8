import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  CreateBucketCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { expect, test } from 'vitest'
import { blobStore } from '../../src/services/s3/bodies.ts'
import { startIgarape } from '../../src/testkit/server.ts'

const Bucket = 'corpos'
const large = Buffer.alloc(100_000, 'g')

function filesIn(data: string): string[] {
  return readdirSync(join(data, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}

async function withServer<T>(
  data: string,
  work: (igarape: Awaited<ReturnType<typeof startIgarape>>) => Promise<T>,
): Promise<T> {
  const igarape = await startIgarape({ data })
  try {
    return await work(igarape)
  } finally {
    await igarape.stop()
  }
}

test('bodies outlive the server; what no commit kept is swept when it starts again', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-blobs-'))
  await withServer(data, async (igarape) => {
    const s3 = igarape.client(S3Client)
    await s3.send(new CreateBucketCommand({ Bucket }))
    await s3.send(new PutObjectCommand({ Bucket, Key: 'kept', Body: large }))
    await s3.send(new PutObjectCommand({ Bucket, Key: 'gone', Body: large }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'gone' }))
    // Written, and then the process dies before the commit.
    await igarape.server.platform.use(blobStore).write(large)
  })
  expect(filesIn(data)).toHaveLength(2)

  await withServer(data, async (igarape) => {
    const got = await igarape.client(S3Client).send(new GetObjectCommand({ Bucket, Key: 'kept' }))
    expect((await got.Body?.transformToByteArray())?.length).toBe(large.length)
    await igarape.server.platform.use(blobStore).sweep()
    expect(filesIn(data)).toHaveLength(1)
  })
  rmSync(data, { recursive: true, force: true })
})

test('a read that has begun is not cut by a deletion', async () => {
  const data = mkdtempSync(join(tmpdir(), 'igarape-blobs-'))
  await withServer(data, async (igarape) => {
    const s3 = igarape.client(S3Client)
    await s3.send(new CreateBucketCommand({ Bucket }))
    await s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: Buffer.alloc(8_000_000, 'k') }))

    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))

    expect((await got.Body?.transformToByteArray())?.length).toBe(8_000_000)
  })
  expect(filesIn(data)).toEqual([])
  rmSync(data, { recursive: true, force: true })
})
