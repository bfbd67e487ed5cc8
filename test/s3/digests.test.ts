/** Digests on threads: the same as here, in order, and gone with what began them. */
import { createHash, randomBytes } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { GetObjectCommand, HeadObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3'
import { buildDigestThread, digestThreadFile } from '../../scripts/digestThread.ts'
import { checksumAlgorithms, Digests, digestsOf } from '../../src/services/s3/digests.ts'
import { DigestThreads, distantBytesMin } from '../../src/services/s3/digestThreads.ts'
import { test } from '../fixture.ts'
import { bucketIn, failureOf } from './samples.ts'

const large = randomBytes(4 * distantBytesMin + 17)
const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest()

test("the thread's text is built from its source", async ({ expect }) => {
  expect(await buildDigestThread()).toBe(readFileSync(digestThreadFile, 'utf8'))
})

test('a body has the same digests whole, in pieces, and on a thread, beside others', async ({ expect }) => {
  const threads = new DigestThreads()
  const orders = checksumAlgorithms.flatMap((algorithm) => [true, false].map((signed) => ({ algorithm, signed })))
  const pieces = [large.subarray(0, 1), large.subarray(1, 70_000), large.subarray(70_000)]

  const distant = await Promise.all(
    orders.map(async (order) => {
      const digests = threads.begin(order)
      for (const piece of pieces) await digests.update(piece)
      return digests.finish()
    }),
  )

  for (const [index, order] of orders.entries()) {
    const here = new Digests(order)
    for (const piece of pieces) here.update(piece)
    expect(here.finish()).toEqual(digestsOf(large, order))
    expect(distant[index]).toEqual(digestsOf(large, order))
  }
  await threads.close()
})

test('a thread that ends fails the bodies that it has, and the next body gets another', async ({ expect }) => {
  const threads = new DigestThreads()
  const order = { algorithm: 'CRC32', signed: false } as const
  const doomed = threads.begin(order)
  const asked = doomed.update(large)
  await Promise.all([expect(asked).rejects.toThrow('has ended'), threads.close()])
  await expect(doomed.update(large)).rejects.toThrow('has ended')

  const next = threads.begin(order)
  await next.update(large)

  expect(await next.finish()).toEqual(digestsOf(large, order))
  await threads.close()
})

test('large bodies are verified before they are acknowledged, and what is refused leaves nothing', async ({
  igarape,
  expect,
}) => {
  const { s3, Bucket } = await bucketIn(igarape, 'grandes')
  const wrong = Buffer.from(large)
  wrong[large.length - 1] = 255 - (wrong.at(-1) as number)
  const put = (claims: object) => s3.send(new PutObjectCommand({ Bucket, Key: 'um', Body: large, ...claims }))

  expect(await failureOf(put({ ContentMD5: md5(wrong).toString('base64') }))).toMatchObject({ code: 'BadDigest' })
  for (const algorithm of checksumAlgorithms) {
    const { checksum } = digestsOf(wrong, { algorithm, signed: false })
    const refused = put({ ChecksumAlgorithm: algorithm, [`Checksum${algorithm}`]: checksum })
    expect(await failureOf(refused)).toMatchObject({ code: 'BadDigest' })
  }

  expect(await failureOf(s3.send(new HeadObjectCommand({ Bucket, Key: 'um' })))).toMatchObject({ code: 'NotFound' })
  await expect.poll(() => filesOf(igarape.server.platform.dataFolder)).toEqual([])
})

test('a large body that comes in signed or framed pieces is the same object', async ({ igarape, expect }) => {
  const { s3, Bucket } = await bucketIn(igarape, 'pedacos')
  const Body = Readable.from([large.subarray(0, 300_000), large.subarray(300_000)])

  const streamed = await s3.send(
    new PutObjectCommand({ Bucket, Key: 'um', Body, ContentLength: large.length, ChecksumAlgorithm: 'CRC64NVME' }),
  )

  const { md5: etag, checksum } = digestsOf(large, { algorithm: 'CRC64NVME', signed: false })
  expect(streamed).toMatchObject({ ETag: `"${etag}"`, ChecksumCRC64NVME: checksum })
  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'um' }))
  expect(large.equals((await got.Body?.transformToByteArray()) ?? Buffer.alloc(0))).toBe(true)
})

function filesOf(dataFolder: string): string[] {
  return readdirSync(join(dataFolder, 'blobs'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => entry.name)
}
