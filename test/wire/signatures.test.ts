/** Signatures made by the SDK's own signer hold here, and do not once anything signed is changed. */

import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda'
import { GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3'
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { expect, test } from 'vitest'
import type { RequestHead } from '../../src/wire/request.ts'
import { credentialOf, verifySignature } from '../../src/wire/sigv4.ts'

const credentials = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG' }
const settings = { region: 'eu-west-1', credentials, endpoint: 'http://127.0.0.1:4566', forcePathStyle: true }
const verification = (now = Date.now()) => ({
  now,
  secretOf: (id: string) => (id === credentials.accessKeyId ? credentials.secretAccessKey : undefined),
})

/** What a client would send, taken from it just before it does. */
// biome-ignore lint/suspicious/noExplicitAny: any client, any command
async function signedHead(client: any, command: any): Promise<RequestHead> {
  let head: RequestHead | undefined
  client.config.requestHandler = {
    handle: async (request: {
      method: string
      path: string
      query: Record<string, string>
      headers: Record<string, string>
    }) => {
      const query = new URLSearchParams(request.query ?? {}).toString()
      const headers = Object.fromEntries(
        Object.entries(request.headers).map(([name, value]) => [name.toLowerCase(), value]),
      )
      head = { method: request.method, url: request.path + (query && `?${query}`), headers }
      throw new Error('not sent')
    },
    destroy() {},
  }
  await client.send(command).catch(() => {})
  return head!
}

test('a signed request to S3 holds, whatever bytes its key has', async () => {
  const command = new PutObjectCommand({
    Bucket: 'b',
    Key: "a b//../ç+(1)'*~.csv",
    Body: 'hello',
    Metadata: { a: ' x   y ' },
  })
  const head = await signedHead(new S3Client({ ...settings, maxAttempts: 1 }), command)

  expect(verifySignature(head, verification()).credential).toMatchObject({
    accessKeyId: 'AKIDEXAMPLE',
    region: 'eu-west-1',
    service: 's3',
  })
  expect(() => verifySignature({ ...head, url: `${head.url}x` }, verification())).toThrow(
    /signature we calculated does not match/,
  )
})

test('a signed request to a JSON and to a REST service holds', async () => {
  const listed = await signedHead(new SFNClient({ ...settings, maxAttempts: 1 }), new ListStateMachinesCommand({}))
  const command = new GetFunctionCommand({ FunctionName: 'arn:aws:lambda:eu-west-1:000000000000:function:f' })
  const got = await signedHead(new LambdaClient({ ...settings, maxAttempts: 1 }), command)

  expect(verifySignature(listed, verification()).credential.service).toBe('states')
  expect(verifySignature(got, verification()).credential.service).toBe('lambda')
})

test('a presigned URL holds until it expires', async () => {
  const client = new S3Client(settings)
  const url = new URL(
    await getSignedUrl(client, new GetObjectCommand({ Bucket: 'b', Key: 'a b/ç' }), { expiresIn: 60 }),
  )
  const head = { method: 'GET', url: url.pathname + url.search, headers: { host: url.host } }

  expect(verifySignature(head, verification()).credential.service).toBe('s3')
  expect(() => verifySignature(head, verification(Date.now() + 61_000))).toThrow('Request has expired')
  expect(() => verifySignature({ ...head, method: 'PUT' }, verification())).toThrow(/does not match/)
})

test('an unknown key, an old request and no signature are refused in the words of S3', async () => {
  const head = await signedHead(
    new S3Client({ ...settings, maxAttempts: 1 }),
    new GetObjectCommand({ Bucket: 'b', Key: 'k' }),
  )
  const stranger = { ...verification(), secretOf: () => undefined }

  expect(() => verifySignature(head, stranger)).toThrow(
    'The AWS Access Key Id you provided does not exist in our records.',
  )
  expect(() => verifySignature(head, verification(Date.now() + 16 * 60_000))).toThrow(
    /difference between the request time/,
  )
  expect(() => verifySignature({ method: 'GET', url: '/b/k', headers: {} }, verification())).toThrow('Access Denied')
})

test('the credential is read from header and query', () => {
  const scope = 'ID/20251020/sa-east-1/glue/aws4_request'

  expect(
    credentialOf({ method: 'GET', url: '/', headers: { authorization: `AWS4-HMAC-SHA256 Credential=${scope}, X` } }),
  ).toEqual({
    accessKeyId: 'ID',
    date: '20251020',
    region: 'sa-east-1',
    service: 'glue',
  })
  expect(
    credentialOf({ method: 'GET', url: `/?X-Amz-Credential=${encodeURIComponent(scope)}`, headers: {} })?.region,
  ).toBe('sa-east-1')
  expect(credentialOf({ method: 'GET', url: '/', headers: {} })).toBeUndefined()
})
