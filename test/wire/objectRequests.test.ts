/** How S3's requests are told apart, where bucket and key come from, and how framed bodies are read. */
import { describe, expect, test } from 'vitest'
import { BodyStream } from '../../src/wire/bodyStream.ts'
import { decode } from '../../src/wire/decode.ts'
import { identify } from '../../src/wire/identify.ts'
import { loadModel } from '../../src/wire/model.ts'
import { collectBody, type WireRequest } from '../../src/wire/request.ts'

async function decoded(method: string, url: string, headers: Record<string, string> = {}, body = '') {
  return decode('s3', 'restXml', {
    method,
    url,
    headers: { host: '127.0.0.1:4566', ...headers },
    body: Buffer.from(body),
  })
}

describe('a request to S3 finds its operation', () => {
  test.each([
    ['GET', '/', {}, 'ListBuckets'],
    ['GET', '/?x-id=ListDirectoryBuckets', {}, 'ListDirectoryBuckets'],
    ['PUT', '/b', {}, 'CreateBucket'],
    ['PUT', '/b/', {}, 'CreateBucket'],
    ['HEAD', '/b', {}, 'HeadBucket'],
    ['DELETE', '/b', {}, 'DeleteBucket'],
    ['GET', '/b', {}, 'ListObjects'],
    ['GET', '/b?list-type=2&prefix=a', {}, 'ListObjectsV2'],
    ['GET', '/b?versions', {}, 'ListObjectVersions'],
    ['GET', '/b?uploads', {}, 'ListMultipartUploads'],
    ['GET', '/b?location=', {}, 'GetBucketLocation'],
    ['GET', '/b?notification', {}, 'GetBucketNotificationConfiguration'],
    ['GET', '/b?inventory', {}, 'ListBucketInventoryConfigurations'],
    ['GET', '/b?inventory&id=1', {}, 'GetBucketInventoryConfiguration'],
    ['POST', '/b?delete', {}, 'DeleteObjects'],
    ['PUT', '/b/k', {}, 'PutObject'],
    ['PUT', '/b/k', { 'x-amz-copy-source': '/b/j' }, 'CopyObject'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', {}, 'UploadPart'],
    ['PUT', '/b/k?partNumber=1&uploadId=u', { 'x-amz-copy-source': '/b/j' }, 'UploadPartCopy'],
    ['GET', '/b/k', {}, 'GetObject'],
    ['GET', '/b/k?versionId=1&partNumber=2', {}, 'GetObject'],
    ['GET', '/b/k?uploadId=u', {}, 'ListParts'],
    ['GET', '/b/k?tagging', {}, 'GetObjectTagging'],
    ['GET', '/b/k?attributes', { 'x-amz-object-attributes': 'ETag' }, 'GetObjectAttributes'],
    ['HEAD', '/b/k', {}, 'HeadObject'],
    ['DELETE', '/b/k', {}, 'DeleteObject'],
    ['DELETE', '/b/k?uploadId=u', {}, 'AbortMultipartUpload'],
    ['DELETE', '/b/k?tagging', {}, 'DeleteObjectTagging'],
    ['POST', '/b/k?uploads', {}, 'CreateMultipartUpload'],
    ['POST', '/b/k?restore', {}, 'RestoreObject'],
    ['POST', '/b/k?select&select-type=2', {}, 'SelectObjectContent'],
  ] as [string, string, Record<string, string>, string][])(
    '%s %s %j is %s',
    async (method, url, headers, operation) => {
      const { matchRoute } = await import('../../src/wire/routes.ts')

      expect(matchRoute(loadModel('s3'), { method, url, headers })?.operation.name).toBe(operation)
    },
  )
})

describe('bucket and key come from path or host, byte for byte', () => {
  test.each([
    ['127.0.0.1:4566', '/b/a%20b//..%2Fc/', 'b', 'a b//../c/'],
    ['b.localhost:4566', '/k', 'b', 'k'],
    ['b.s3.localhost.localstack.cloud:4566', '/k', 'b', 'k'],
    ['my.b.s3.us-east-1.amazonaws.com', '/k/', 'my.b', 'k/'],
    ['s3.us-east-1.amazonaws.com', '/b//k', 'b', '/k'],
    ['s3.localhost.localstack.cloud', '/b/../k', 'b', '../k'],
    ['127.0.0.1', '/b/%C3%A7+d', 'b', 'ç+d'],
  ])('%s %s', async (host, url, bucket, key) => {
    const { input } = await decoded('GET', url, { host })

    expect(input).toMatchObject({ Bucket: bucket, Key: key })
  })
})

function framed(cuts: number): AsyncIterable<Uint8Array> {
  const text =
    '5;chunk-signature=aa\r\nhello\r\n6;chunk-signature=bb\r\n world\r\n0;chunk-signature=cc\r\nx-amz-checksum-crc32:DUoRhQ==\r\nx-amz-trailer-signature:dd\r\n\r\n'
  const bytes = Buffer.from(text)
  return (async function* () {
    for (let at = 0; at < bytes.length; at += cuts) yield bytes.subarray(at, at + cuts)
  })()
}

test.each([1, 2, 7, 1000])('a framed body cut every %d bytes comes out plain, its trailers after it', async (cuts) => {
  const headers = { 'x-amz-content-sha256': 'STREAMING-UNSIGNED-PAYLOAD-TRAILER', 'x-amz-decoded-content-length': '11' }
  const request: WireRequest = { method: 'PUT', url: '/b/k', headers, body: framed(cuts) }

  const { Body } = (await decode('s3', 'restXml', request)).input

  expect(Body).toBeInstanceOf(BodyStream)
  expect(Body.length).toBe(11)
  expect(Buffer.from(await collectBody(Body)).toString()).toBe('hello world')
  expect(Body.trailers).toMatchObject({ 'x-amz-checksum-crc32': 'DUoRhQ==' })
})

test('a framed body that ends early is refused', async () => {
  const body = new BodyStream(Buffer.from('5\r\nhel'), { chunked: true })

  await expect(collectBody(body)).rejects.toMatchObject({ code: 'IncompleteBody' })
})

test('a body shorter than its length is refused', async () => {
  const body = new BodyStream(Buffer.from('abc'), { length: 4 })

  await expect(collectBody(body)).rejects.toMatchObject({ code: 'IncompleteBody' })
})

describe('a service is known by whatever the client says of it', () => {
  const signed = (service: string) => ({
    authorization: `AWS4-HMAC-SHA256 Credential=test/20251020/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=00`,
  })
  const formType = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  test.each([
    [
      'POST',
      '/',
      { 'x-amz-target': 'AWSEvents.PutEvents', 'content-type': 'application/x-amz-json-1.1' },
      'eventbridge awsJson1_1',
    ],
    [
      'POST',
      '/',
      { 'x-amz-target': 'AmazonSQS.SendMessage', 'content-type': 'application/x-amz-json-1.0' },
      'sqs awsJson1_0',
    ],
    ['POST', '/', { ...signed('sqs'), ...formType }, 'sqs query'],
    ['GET', '/?Action=GetCallerIdentity&Version=2011-06-15', {}, 'sts query'],
    ['GET', '/?Action=GetCallerIdentity&Version=2011-06-15', signed('sts'), 'sts query'],
    [
      'POST',
      '/service/GraniteServiceVersion20100801/operation/PutMetricData',
      { 'smithy-protocol': 'rpc-v2-cbor' },
      'cloudwatch rpcv2Cbor',
    ],
    ['POST', '/', { ...signed('monitoring'), ...formType }, 'cloudwatch query'],
    ['POST', '/v2/email/outbound-emails', signed('ses'), 'sesv2 restJson'],
    ['POST', '/', { ...signed('ses'), ...formType }, 'ses query'],
    ['GET', '/2015-03-31/functions/', {}, 'lambda restJson'],
    ['POST', '/2015-03-31/functions/f/invocations', signed('lambda'), 'lambda restJson'],
    ['GET', '/', { host: 'sns.us-east-1.amazonaws.com' }, 'sns query'],
    ['GET', '/?X-Amz-Credential=test%2F20251020%2Fus-east-1%2Fs3%2Faws4_request', {}, 's3 restXml'],
    ['PUT', '/bucket/key', signed('s3'), 's3 restXml'],
    ['GET', '/bucket/key', {}, 's3 restXml'],
    ['POST', '/', signed('ec2'), undefined],
  ] as [string, string, Record<string, string>, string | undefined][])(
    '%s %s %j is %s',
    (method, url, headers, wanted) => {
      const found = identify({ method, url, headers })

      expect(found && `${found.service} ${found.protocol}`).toBe(wanted)
    },
  )
})
