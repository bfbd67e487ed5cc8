/** Large places that an engine lists again and again: what is kept in memory is what is on disk. */
import {
  DeleteObjectCommand,
  DeleteObjectsCommand,
  ListObjectsV2Command,
  PutBucketVersioningCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { lake } from '../../src/delivery/lake.ts'
import { ListedPlaces } from '../../src/services/s3/listedPlaces.ts'
import { test } from '../fixture.ts'
import { bucketIn, putAll } from './samples.ts'

const scope = { account: '000000000000', region: 'us-east-1' }
const keys = Array.from({ length: 2_100 }, (_, number) => `raw/${String(number * 2).padStart(6, '0')}.json`)

async function stored(s3: S3Client, Bucket: string, Prefix: string): Promise<unknown[]> {
  const found: unknown[] = []
  let ContinuationToken: string | undefined
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, Prefix, ContinuationToken }))
    found.push(...(page.Contents ?? []).map(({ Key, Size, ETag }) => [Key, Size, ETag?.replaceAll('"', '')]))
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken)
  return found
}

test('a place of thousands of objects is listed as it is after every kind of change, and after a reset', async ({
  igarape,
  expect,
}) => {
  const { s3, Bucket } = await bucketIn(igarape, 'lago')
  await putAll(s3, Bucket, keys)
  const engine = igarape.server.platform.use(lake)
  const listed = async () =>
    (await engine.list({ scope, bucket: Bucket, prefix: 'raw/' })).map(({ key, bytes, etag }) => [key, bytes, etag])
  const changes: (() => Promise<unknown>)[] = [
    () => s3.send(new PutObjectCommand({ Bucket, Key: 'raw/000003.json', Body: 'novo' })),
    () => s3.send(new PutObjectCommand({ Bucket, Key: 'raw/000004.json', Body: 'outro corpo' })),
    () => s3.send(new PutObjectCommand({ Bucket, Key: 'alhures/1.json', Body: 'x' })),
    () => s3.send(new DeleteObjectCommand({ Bucket, Key: 'raw/000000.json' })),
    () => s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.slice(5, 50).map((Key) => ({ Key })) } })),
    () => s3.send(new PutObjectCommand({ Bucket, Key: 'raw/zzz.json', Body: 'x' })),
    () => s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: 'Enabled' } })),
    () => s3.send(new PutObjectCommand({ Bucket, Key: 'raw/000004.json', Body: 'versão' })),
    async () => {
      const { VersionId } = await s3.send(new PutObjectCommand({ Bucket, Key: 'raw/000004.json', Body: 'por pouco' }))
      await s3.send(new DeleteObjectCommand({ Bucket, Key: 'raw/000004.json', VersionId }))
    },
    () => s3.send(new DeleteObjectCommand({ Bucket, Key: 'raw/000006.json' })),
    () => putAll(s3, Bucket, ['raw/a.json', 'raw/ﬁm.json', 'raw/🌊.json']),
  ]
  expect(await listed()).toEqual(await stored(s3, Bucket, 'raw/'))

  for (const change of changes) {
    await change()
    expect(await listed()).toEqual(await stored(s3, Bucket, 'raw/'))
  }

  await igarape.reset()
  await bucketIn(igarape, 'lago')
  expect(await listed()).toEqual([])
})

test('a place whose bucket changed too much since it was listed is given up, as is one that changed while it was read', ({
  expect,
}) => {
  const places = new ListedPlaces()
  const place = { bucket: 'lago', prefix: 'raw/' }
  const objects = keys.map((key) => ({ key, bytes: 1, modifiedAt: 1, etag: 'e' }))
  const read = () => undefined

  places.watch(place).done(objects)
  expect(places.get(place, read)).toHaveLength(keys.length)
  places.changed('lago', keys[0] as string)
  expect(places.get(place, read)).toHaveLength(keys.length - 1)
  for (let times = 0; times < 60_000; times++) places.changed('lago', 'alhures/x')
  expect(places.get(place, read)).toBeUndefined()

  const scan = places.watch(place)
  for (let times = 0; times < 60_000; times++) places.changed('lago', 'alhures/x')
  scan.done(objects)
  expect(places.get(place, read)).toBeUndefined()
})
