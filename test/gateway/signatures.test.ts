/** With `--auth sigv4`, what is not signed with a known key is refused, whatever protocol it comes by. */
import { CreateAccessKeyCommand, CreateUserCommand, IAMClient } from '@aws-sdk/client-iam'
import {
  CreateBucketCommand,
  GetObjectCommand,
  ListBucketsCommand,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3'
import { CreateQueueCommand, ListQueuesCommand, SQSClient } from '@aws-sdk/client-sqs'
import { getSignedUrl } from '@aws-sdk/s3-request-presigner'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readOptions } from '../../src/options.ts'
import { type Igarape, startIgarape } from '../../src/testkit/server.ts'

let igarape: Igarape
beforeAll(async () => {
  igarape = await startIgarape({ options: { auth: 'sigv4', accessKey: 'AKIAVENDAS', secretKey: 'segredo' } })
})
afterAll(() => igarape.stop())

function client<C>(Client: new (settings: object) => C, secretAccessKey = 'segredo', accessKeyId = 'AKIAVENDAS'): C {
  return new Client({ ...igarape.clientSettings, credentials: { accessKeyId, secretAccessKey } })
}

test('the root key of the options signs for everything', async () => {
  const s3 = client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'vendas' }))
  await s3.send(new PutObjectCommand({ Bucket: 'vendas', Key: 'a b/ção+.csv', Body: 'conteúdo' }))
  const { Body } = await s3.send(new GetObjectCommand({ Bucket: 'vendas', Key: 'a b/ção+.csv' }))
  await client(SQSClient).send(new CreateQueueCommand({ QueueName: 'vendas' }))

  expect(await Body?.transformToString()).toBe('conteúdo')
})

test('a wrong secret and an unknown key are refused, each by its own error', async () => {
  const unknown = client(S3Client, 'segredo', 'AKIANINGUEM')

  await expect(client(S3Client, 'outro').send(new ListBucketsCommand({}))).rejects.toMatchObject({
    name: 'SignatureDoesNotMatch',
    $metadata: { httpStatusCode: 403 },
  })
  await expect(unknown.send(new ListBucketsCommand({}))).rejects.toMatchObject({ name: 'InvalidAccessKeyId' })
  await expect(client(SQSClient, 'outro').send(new ListQueuesCommand({}))).rejects.toMatchObject({
    $metadata: { httpStatusCode: 403 },
  })
})

test('what is not signed is refused and changes nothing', async () => {
  const put = await fetch(`${igarape.endpoint}/sem-assinatura`, { method: 'PUT' })
  const { Buckets } = await client(S3Client).send(new ListBucketsCommand({}))

  expect(put.status).toBe(403)
  expect(Buckets?.map(({ Name }) => Name)).not.toContain('sem-assinatura')
})

test('a presigned URL holds for its time, for its object and for its method', async () => {
  const s3 = client(S3Client)
  await s3.send(new CreateBucketCommand({ Bucket: 'urls' }))
  const write = await getSignedUrl(s3, new PutObjectCommand({ Bucket: 'urls', Key: 'a.csv' }), { expiresIn: 60 })
  expect((await fetch(write, { method: 'PUT', body: 'conteúdo' })).status).toBe(200)
  const read = await getSignedUrl(s3, new GetObjectCommand({ Bucket: 'urls', Key: 'a.csv' }), { expiresIn: 60 })

  expect(await (await fetch(read)).text()).toBe('conteúdo')
  expect((await fetch(read.replace('a.csv', 'b.csv'))).status).toBe(403)
  expect((await fetch(read, { method: 'DELETE' })).status).toBe(403)
  await igarape.clock.advance({ minutes: 2 })
  const late = await fetch(read)
  expect(late.status).toBe(403)
  expect(await late.text()).toContain('Request has expired')
})

test('a key that IAM issued signs as its user', async () => {
  const iam = igarapeClient()
  await iam.send(new CreateUserCommand({ UserName: 'analista' }))
  const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName: 'analista' }))
  const own = client(SQSClient, AccessKey?.SecretAccessKey, AccessKey?.AccessKeyId)

  expect((await own.send(new ListQueuesCommand({}))).$metadata.httpStatusCode).toBe(200)
})

/** The clock of the server was moved; the client's has to follow, as a skewed host's would. */
function igarapeClient(): IAMClient {
  return new IAMClient({
    ...igarape.clientSettings,
    credentials: { accessKeyId: 'AKIAVENDAS', secretAccessKey: 'segredo' },
    systemClockOffset: igarape.clock.now().getTime() - Date.now(),
  })
}

test('an address that others can reach demands signatures without being told to', async () => {
  const open = await startIgarape({ options: { host: '0.0.0.0' } })
  const unsigned = await fetch(`${open.endpoint}/vendas`, { method: 'PUT' })
  const signed = await open.client(S3Client).send(new ListBucketsCommand({}))
  await open.stop()

  expect(readOptions({ host: '0.0.0.0' }).auth).toBe('')
  expect(unsigned.status).toBe(403)
  expect(signed.$metadata.httpStatusCode).toBe(200)
})
