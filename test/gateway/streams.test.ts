/** Bodies of any size pass through: what a process keeps of them in memory does not grow with them. */
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { CreateBucketCommand, HeadObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { expect } from 'vitest'
import { test } from '../fixture.ts'

const chunk = Buffer.alloc(2 ** 20, 'vendas,')
const chunks = 768
const extraBytesMax = 100 * 2 ** 20

/** Anonymous memory of this process, client and server both, in bytes. */
function ownMemory(): number {
  const status = readFileSync('/proc/self/status', 'utf8')
  return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1]) * 1024
}

test.skipIf(process.platform !== 'linux')(
  'an object of 768 MB goes up and comes down within 100 MB',
  async ({ igarape }) => {
    const s3 = igarape.client(S3Client)
    await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
    const before = ownMemory()
    let peak = before
    const put = request(`${igarape.endpoint}/vendas/grande.bin`, {
      method: 'PUT',
      headers: { 'content-length': chunks * chunk.length },
    })
    for (let sent = 0; sent < chunks; sent++) {
      if (!put.write(chunk)) await once(put, 'drain')
      peak = Math.max(peak, ownMemory())
    }
    put.end()
    const [stored] = await once(put, 'response')
    stored.resume()
    expect(stored.statusCode).toBe(200)
    expect((await s3.send(new HeadObjectCommand({ Bucket: 'vendas', Key: 'grande.bin' }))).ContentLength).toBe(
      chunks * chunk.length,
    )

    const [back] = await once(request(`${igarape.endpoint}/vendas/grande.bin`).end(), 'response')
    let received = 0
    for await (const part of back) {
      received += part.length
      peak = Math.max(peak, ownMemory())
    }
    expect(received).toBe(chunks * chunk.length)
    expect(peak - before).toBeLessThan(extraBytesMax)
  },
)
