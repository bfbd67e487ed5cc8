import { CreateBucketCommand, ListObjectsCommand, ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3'
import { describe } from 'vitest'
import { test } from '../fixture.ts'
import { bucketIn, failureOf, putAll } from './samples.ts'

const keys = ['a', 'a/b', 'a/c/d', 'a/c/e', 'a0', 'b', 'b/x', 'ç', '\u{ff5e}', '\u{1f680}']

/** Every page of a listing, its keys and common prefixes in one row each. */
async function pages(s3: S3Client, Bucket: string, input: object): Promise<string[][]> {
  const rows: string[][] = []
  let ContinuationToken: string | undefined
  do {
    const page = await s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken, ...input }))
    rows.push([
      ...(page.Contents ?? []).map((one) => one.Key ?? ''),
      ...(page.CommonPrefixes ?? []).map((one) => one.Prefix ?? ''),
    ])
    ContinuationToken = page.NextContinuationToken
  } while (ContinuationToken)
  return rows
}

describe('a listing', () => {
  test('is in order of UTF-8 bytes', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'listas')
    await putAll(s3, Bucket, [...keys].reverse())

    expect(await pages(s3, Bucket, {})).toEqual([keys])
  })

  test('goes over pages without loss or repetition', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'listas')
    await putAll(s3, Bucket, keys)

    const rows = await pages(s3, Bucket, { MaxKeys: 3 })
    expect(rows.map((row) => row.length)).toEqual([3, 3, 3, 1])
    expect(rows.flat()).toEqual(keys)
  })

  test('rolls up what a delimiter divides, over pages too', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'listas')
    await putAll(s3, Bucket, keys)

    expect(await pages(s3, Bucket, { Delimiter: '/', MaxKeys: 1 })).toEqual(
      ['a', 'a/', 'a0', 'b', 'b/', 'ç', '\u{ff5e}', '\u{1f680}'].map((key) => [key]),
    )
    expect(await pages(s3, Bucket, { Delimiter: '/', Prefix: 'a/' })).toEqual([['a/b', 'a/c/']])
    expect(await pages(s3, Bucket, { Delimiter: 'c/', Prefix: 'a' })).toEqual([['a', 'a/b', 'a0', 'a/c/']])
    expect(await pages(s3, Bucket, { StartAfter: 'a/c/d', MaxKeys: 2, Prefix: 'a' })).toEqual([['a/c/e', 'a0']])
  })

  test('of the first version goes on from its marker', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'listas')
    await putAll(s3, Bucket, keys)

    const seen: (string | undefined)[] = []
    let Marker: string | undefined
    do {
      const page = await s3.send(new ListObjectsCommand({ Bucket, Delimiter: '/', MaxKeys: 2, Marker }))
      seen.push(...(page.Contents ?? []).map((one) => one.Key), ...(page.CommonPrefixes ?? []).map((one) => one.Prefix))
      Marker = page.NextMarker
    } while (Marker)

    expect(seen).toEqual(['a', 'a/', 'a0', 'b', 'ç', 'b/', '\u{ff5e}', '\u{1f680}'])
  })

  test('encodes keys that XML cannot say', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'listas')
    await putAll(s3, Bucket, ['a b/c+d~\u0001'])

    const page = await s3.send(new ListObjectsV2Command({ Bucket, EncodingType: 'url' }))
    expect(page.Contents?.[0]?.Key).toBe('a+b/c%2Bd%7E%01')
  })

  test('of nothing is empty, and bad requests are refused', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'listas')
    const empty = await s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: 0 }))

    expect(empty).toMatchObject({ KeyCount: 0, IsTruncated: false })
    expect(await failureOf(s3.send(new ListObjectsV2Command({ Bucket, MaxKeys: -1 })))).toMatchObject({
      code: 'InvalidArgument',
    })
    expect(await failureOf(s3.send(new ListObjectsV2Command({ Bucket, ContinuationToken: 'x' })))).toMatchObject({
      code: 'InvalidArgument',
    })
    expect(await failureOf(s3.send(new ListObjectsV2Command({ Bucket: 'nenhum' })))).toMatchObject({
      code: 'NoSuchBucket',
    })
  })

  test('sees one bucket only', async ({ igarape, expect }) => {
    const { s3, Bucket } = await bucketIn(igarape, 'listas')
    await s3.send(new CreateBucketCommand({ Bucket: 'listas-2' }))
    await putAll(s3, 'listas-2', ['z'])

    expect(await pages(s3, Bucket, {})).toEqual([[]])
  })
})
