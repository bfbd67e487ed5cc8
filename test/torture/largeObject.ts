/** An object larger than any buffer: what the server's process keeps of it in memory, on the way in and on the way out. */
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3'
import { ServerProcess } from './serverProcess.ts'

/** S3's own limit for one PUT. */
const sizeBytes = 5 * 2 ** 30
const chunk = Buffer.alloc(2 ** 20, 'vendas,')
const lookMillis = 50

export interface LargeObject {
  bytes: number
  /** At most, beyond what the idle server had: RssAnon and RssShmem. */
  extraBytes: number
  seconds: number
}

export async function largeObject(bytes = sizeBytes): Promise<LargeObject> {
  const data = mkdtempSync(join(tmpdir(), 'igarape-large-'))
  const server = await ServerProcess.start(data)
  try {
    await server.client(S3Client).send(new CreateBucketCommand({ Bucket: 'grandes' }))
    const before = memoryOf(server.pid)
    let peak = before
    const looking = setInterval(() => {
      peak = Math.max(peak, memoryOf(server.pid))
    }, lookMillis)
    const begun = performance.now()
    await put(server.endpoint, bytes)
    const received = await get(server.endpoint)
    clearInterval(looking)
    if (received !== bytes) throw new Error(`${received} bytes came back of ${bytes}`)
    return { bytes, extraBytes: peak - before, seconds: (performance.now() - begun) / 1000 }
  } finally {
    await server.kill('SIGTERM')
    rmSync(data, { recursive: true, force: true })
  }
}

async function put(endpoint: string, bytes: number): Promise<void> {
  const asked = request(`${endpoint}/grandes/grande.bin`, { method: 'PUT', headers: { 'content-length': bytes } })
  const answered = once(asked, 'response')
  await pipeline(Readable.from(chunks(bytes)), asked)
  const [answer] = await answered
  answer.resume()
  if (answer.statusCode !== 200) throw new Error(`PutObject: ${answer.statusCode}`)
}

function* chunks(bytes: number): Iterable<Buffer> {
  for (let left = bytes; left > 0; left -= chunk.length) yield left < chunk.length ? chunk.subarray(0, left) : chunk
}

async function get(endpoint: string): Promise<number> {
  const [answer] = await once(request(`${endpoint}/grandes/grande.bin`).end(), 'response')
  let received = 0
  for await (const part of answer) received += part.length
  return received
}

function memoryOf(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8')
  const kilobytes = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1])
  return (kilobytes('RssAnon') + kilobytes('RssShmem')) * 1024
}
