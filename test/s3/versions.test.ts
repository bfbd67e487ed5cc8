import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetObjectCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { describe } from 'vitest'
import type { Igarape } from '../../src/testkit/server.ts'
import { test } from '../fixture.ts'
import { bodyOf, bucketIn, failureOf } from './samples.ts'

async function versionedBucket(igarape: Igarape) {
  const bucket = await bucketIn(igarape, 'versoes')
  await setVersioning(bucket.s3, bucket.Bucket, 'Enabled')
  return bucket
}

const setVersioning = (s3: S3Client, Bucket: string, Status: 'Enabled' | 'Suspended') =>
  s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }))

const put = (s3: S3Client, Bucket: string, Key: string, Body: string) =>
  s3.send(new PutObjectCommand({ Bucket, Key, Body }))

describe('a bucket that keeps versions', () => {
  test('keeps what was overwritten under its version id', async ({ igarape, expect }) => {
    const { s3, Bucket } = await versionedBucket(igarape)
    const first = await put(s3, Bucket, 'k', 'first')
    const second = await put(s3, Bucket, 'k', 'second')

    const old = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: first.VersionId }))
    const now = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))

    expect(first.VersionId).toMatch(/^[A-Za-z0-9._]{32}$/)
    expect([await bodyOf(old), await bodyOf(now), now.VersionId]).toEqual(['first', 'second', second.VersionId])
  })

  test('hides a deleted object under a marker; removing the marker brings it back', async ({ igarape, expect }) => {
    const { s3, Bucket } = await versionedBucket(igarape)
    await put(s3, Bucket, 'k', 'x')

    const deleted = await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k' }))
    const hidden = await failureOf(s3.send(new GetObjectCommand({ Bucket, Key: 'k' })))
    const marker = await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'k', VersionId: deleted.VersionId })))
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: deleted.VersionId }))

    expect(deleted.DeleteMarker).toBe(true)
    expect(hidden.code).toBe('NoSuchKey')
    expect(marker.status).toBe(405)
    expect(await bodyOf(await s3.send(new GetObjectCommand({ Bucket, Key: 'k' })))).toBe('x')
  })

  test('shows the version before when the newest is deleted for good', async ({ igarape, expect }) => {
    const { s3, Bucket } = await versionedBucket(igarape)
    const first = await put(s3, Bucket, 'k', 'first')
    const second = await put(s3, Bucket, 'k', 'second')

    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'k', VersionId: second.VersionId }))

    const now = await s3.send(new GetObjectCommand({ Bucket, Key: 'k' }))
    expect([await bodyOf(now), now.VersionId]).toEqual(['first', first.VersionId])
  })

  test('lists versions by key, newest first, over pages', async ({ igarape, expect }) => {
    const { s3, Bucket } = await versionedBucket(igarape)
    const made: string[] = []
    for (const key of ['a', 'b']) {
      for (let count = 0; count < 3; count++) made.unshift(`${key} ${(await put(s3, Bucket, key, 'x')).VersionId}`)
    }
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'a' }))

    const seen: (string | undefined)[] = []
    let markers: { KeyMarker?: string; VersionIdMarker?: string } = {}
    let latest = 0
    for (;;) {
      const page = await s3.send(new ListObjectVersionsCommand({ Bucket, MaxKeys: 2, ...markers }))
      for (const version of [...(page.DeleteMarkers ?? []), ...(page.Versions ?? [])]) {
        seen.push(`${version.Key} ${version.VersionId}`)
        if (version.IsLatest) latest++
      }
      if (!page.IsTruncated) break
      markers = { KeyMarker: page.NextKeyMarker, VersionIdMarker: page.NextVersionIdMarker }
    }

    expect(latest).toBe(2)
    expect(seen.slice(1)).toEqual([...made.slice(3), ...made.slice(0, 3)])
    expect((await s3.send(new ListObjectsV2Command({ Bucket }))).Contents?.map((object) => object.Key)).toEqual(['b'])
  })

  test('while suspended, replaces the null version only', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'versoes')
    await put(s3, Bucket, 'k', 'null-1')
    await setVersioning(s3, Bucket, 'Enabled')
    const kept = await put(s3, Bucket, 'k', 'kept')
    await setVersioning(s3, Bucket, 'Suspended')
    await put(s3, Bucket, 'k', 'null-2')

    const listed = await s3.send(new ListObjectVersionsCommand({ Bucket }))
    expect(listed.Versions?.map((version) => version.VersionId)).toEqual(['null', kept.VersionId])
    const nullVersion = await s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId: 'null' }))
    expect(await bodyOf(nullVersion)).toBe('null-2')
  })

  test('refuses ids that are none, and does not know others', async ({ igarape, expect }) => {
    const { s3, Bucket } = await versionedBucket(igarape)
    await put(s3, Bucket, 'k', 'x')
    const get = (VersionId: string) => failureOf(s3.send(new GetObjectCommand({ Bucket, Key: 'k', VersionId })))

    expect(await get('nonsense')).toMatchObject({ code: 'InvalidArgument', status: 400 })
    expect(await get('a'.repeat(32))).toMatchObject({ code: 'NoSuchVersion', status: 404 })
  })
})

test('many keys are deleted at once, and each answers for itself', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'muitos')
  await put(s3, Bucket, 'a', 'x')
  await put(s3, Bucket, 'b', 'x')

  const deleted = await s3.send(
    new DeleteObjectsCommand({
      Bucket,
      Delete: { Objects: [{ Key: 'a' }, { Key: 'missing' }, { Key: 'b', ETag: '"other"' }, { Key: 'x'.repeat(1025) }] },
    }),
  )

  expect(deleted.Deleted?.map((one) => one.Key)).toEqual(['a', 'missing'])
  expect(deleted.Errors?.map((one) => one.Code)).toEqual(['PreconditionFailed', 'KeyTooLongError'])
})
