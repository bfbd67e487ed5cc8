import { readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3'
import { describe } from 'vitest'
import { lake } from '../../src/delivery/lake.ts'
import { test } from '../fixture.ts'
import { bodyOf, bucketIn, failureOf, putAll } from './samples.ts'

const scope = { account: '000000000000', region: 'us-east-1' }

async function keysOf(s3: S3Client, Bucket: string): Promise<(string | undefined)[]> {
  const listed = await s3.send(new ListObjectsV2Command({ Bucket }))
  return (listed.Contents ?? []).map((object) => object.Key)
}

test('a list has the objects under a prefix that it is asked for, without folder markers', async ({
  igarape,
  expect,
}) => {
  const { s3, Bucket } = await bucketIn(igarape, 'lago')
  await putAll(s3, Bucket, ['v/a', 'v/b/c', 'v/marker/', 'w/other'])
  const engine = igarape.server.platform.use(lake)

  const all = await engine.list({ scope, bucket: Bucket, prefix: 'v/' })
  const some = await engine.list({ scope, bucket: Bucket, prefix: 'v/' }, ({ key }) => key.endsWith('c'))

  expect(all.map(({ key, bytes }) => [key, bytes])).toEqual([
    ['v/a', 3],
    ['v/b/c', 5],
  ])
  expect(some.map(({ key }) => key)).toEqual(['v/b/c'])
  await expect(engine.list({ scope, bucket: 'nenhum', prefix: '' })).rejects.toMatchObject({ name: 'NoSuchBucket' })
})

describe('a view', () => {
  test('shows every object under a prefix as a file, whatever its key', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'lago')
    const keys = ['v/a', 'v/a/b', 'v//x.csv', 'v/../y.csv.gz', 'v/data=2025-10-20/p.parquet', `v/${'s'.repeat(1000)}`]
    await putAll(s3, Bucket, [...keys, 'v/marker/', 'w/other'])

    const view = await igarape.server.platform.use(lake).open({ scope, bucket: Bucket, prefix: 'v/' })
    const read = await Promise.all(view.files.map(async (file) => [file.key, await readFile(file.path, 'utf8')]))

    expect(read.map(([key]) => key).sort()).toEqual([...keys].sort())
    for (const [key, body] of read) expect(body).toBe(key)
    expect(view.files.every((file) => file.path.startsWith(`${view.folder}/`))).toBe(true)
    expect(view.files.find((file) => file.key.includes('data='))?.path).toBe(join(view.folder, keys[4] as string))
    await view.close()
    await expect(stat(view.folder)).rejects.toThrow()
  })

  test('links large bodies, and outlives their deletion', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'lago')
    await s3.send(new PutObjectCommand({ Bucket, Key: 'big', Body: Buffer.alloc(100_000, 'x') }))

    const engine = igarape.server.platform.use(lake)
    const view = await engine.open({ scope, bucket: Bucket, prefix: '' }, { names: 'numbered' })
    expect((await stat(view.files[0]?.path as string)).nlink).toBe(2)
    await engine.commit({ scope, bucket: Bucket, files: [], delete: { prefixes: [''] } })

    expect(await keysOf(s3, Bucket)).toEqual([])
    expect((await readFile(view.files[0]?.path as string)).length).toBe(100_000)
    await view.close()
  })

  test('of a bucket that is not there is refused', async ({ igarape, expect }) => {
    const opened = igarape.server.platform.use(lake).open({ scope, bucket: 'nowhere', prefix: '' })
    expect(await failureOf(opened)).toMatchObject({ code: 'NoSuchBucket' })
  })
})

describe('a commit', () => {
  test('replaces what lay under a prefix by staged files, all at once', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'lago')
    await putAll(s3, Bucket, ['t/old-1', 't/old-2', 't/kept-name', 'u/other'])
    const engine = igarape.server.platform.use(lake)
    const folder = await engine.stagingFolder()
    await writeFile(join(folder, 'small'), 'small')
    await writeFile(join(folder, 'large'), Buffer.alloc(200_000, 'L'))

    const done = await engine.commit({
      scope,
      bucket: Bucket,
      files: [
        { path: join(folder, 'small'), key: 't/kept-name', contentType: 'text/plain' },
        { path: join(folder, 'large'), key: 't/new' },
      ],
      delete: { prefixes: ['t/'] },
    })

    expect(await keysOf(s3, Bucket)).toEqual(['t/kept-name', 't/new', 'u/other'])
    expect(done.map(({ key, bytes }) => [key, bytes])).toEqual([
      ['t/kept-name', 5],
      ['t/new', 200_000],
    ])
    expect(await bodyOf(await s3.send(new GetObjectCommand({ Bucket, Key: 't/new' })))).toBe('L'.repeat(200_000))
    await expect(stat(join(folder, 'large'))).rejects.toThrow()
  })

  test('that cannot happen changes nothing', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'lago')
    await putAll(s3, Bucket, ['t/old'])
    const engine = igarape.server.platform.use(lake)

    const commit = engine.commit({
      scope,
      bucket: Bucket,
      files: [{ path: '/nowhere/at/all', key: 't/new' }],
      delete: { prefixes: ['t/'] },
    })

    await expect(commit).rejects.toThrow()
    expect(await keysOf(s3, Bucket)).toEqual(['t/old'])
  })
})
