/** What tests of S3 share: a bucket, a body as text, an error as a value. */
import { CreateBucketCommand, type GetObjectCommandOutput, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import type { Igarape } from '../../src/testkit/server.ts'

export async function bucketIn(igarape: Igarape, Bucket: string): Promise<{ s3: S3Client; Bucket: string }> {
  const s3 = igarape.client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket }))
  return { s3, Bucket }
}

export async function putAll(s3: S3Client, Bucket: string, keys: readonly string[]): Promise<void> {
  for (const Key of keys) await s3.send(new PutObjectCommand({ Bucket, Key, Body: Key }))
}

export async function bodyOf(answer: Pick<GetObjectCommandOutput, 'Body'>): Promise<string | undefined> {
  return answer.Body?.transformToString()
}

export interface Failure {
  code: string
  message: string
  status: number | undefined
}

/** The error that a request ends with; a request that succeeds fails the test. */
export async function failureOf(request: Promise<unknown>): Promise<Failure> {
  try {
    await request
  } catch (error) {
    const { name, message, $metadata } = error as Error & { $metadata?: { httpStatusCode?: number } }
    return { code: name, message, status: $metadata?.httpStatusCode }
  }
  throw new Error('the request succeeded')
}
